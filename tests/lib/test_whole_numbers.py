"""Numbers from outside are ASCII digits, and no more of them than can be meant."""

import pytest

from lib.whole_numbers import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("9" * 5000, None), ("", None)]
    + [(text, None) for text in ("-1", "+1", " 1", "1.0", "1_0", "²", "٣", "1\n")],
)
def test_whole_numbers(text, number):
    assert whole(text) == number


def test_as_many_digits_as_are_asked_for():
    assert (whole("999", 3), whole("1000", 3)) == (999, None)
