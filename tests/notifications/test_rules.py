"""How persistently something is sent."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.rules import TRIES, LetterHours, next_try, pause

NOW = datetime(2024, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 2), (3, 4), (7, 64)])
def test_pauses_double(tries, minutes):
    assert pause(tries) == timedelta(minutes=minutes)
    assert next_try(tries, NOW) == NOW + timedelta(minutes=minutes)


def test_the_eighth_failure_is_the_last():
    assert TRIES == 8
    assert next_try(8, NOW) is None


def test_hours_that_leave_no_day_put_a_letter_off_and_no_worker():
    assert LetterHours(working_days="").free_from(NOW) == NOW + timedelta(days=16)
