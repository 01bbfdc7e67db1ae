"""Names that are keys: what looks the same is the same."""

import pytest

from lib.names import one_name


@pytest.mark.parametrize(
    "text",
    [
        "Caf\u00e9 Nord", "Cafe\u0301 Nord", "Caf\u00e9\u00a0Nord", "\ufeffCaf\u00e9 Nord", "Caf\u00e9\u200b Nord\u200d",
        " Caf\u00e9  \u2009Nord\t", "Cafe\u200b\u0301 Nord", "Caf\u00ad\u00e9 Nord", "\u202eCaf\u00e9 Nord\u202c",
        "Caf\u00e9\u2060\u3000Nord\ufe0f",
    ],
)  # fmt: skip
def test_what_looks_the_same_is_one(text):
    assert one_name(text) == "Caf\u00e9 Nord"
    assert one_name(one_name(text)) == one_name(text)


@pytest.mark.parametrize("text", ["", "SL-01", "a_b", "\u0410", "e", "\u00e9", "\u4e2d\u6587", "x\ny"])
def test_what_differs_to_the_eye_stays(text):
    assert one_name(text) == text
