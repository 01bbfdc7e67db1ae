"""Periods, working days, minutes."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.calendar import (
    Slice,
    WorkingCalendar,
    due_on,
    holidays_in,
    hours_of,
    knows_holidays,
    minutes,
    periods,
    working_days,
)

ENGLAND = WorkingCalendar.of({"holidays": "GB-ENG", "hours": "09:00-17:00"})
BARE = WorkingCalendar()


def month(year, number):
    first = date(year, number, 1)
    return Slice(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), f"{first:%Y-%m}", first)


def spans(slices):
    return [(str(period.starts_on), str(period.ends_on), period.label) for period in slices]


# Periods ---------------------------------------------------------------------------------------------------------


def test_months_are_cut_to_the_term():
    slices = periods("month", date(2024, 1, 15), date(2024, 3, 10))
    assert spans(slices) == [
        ("2024-01-15", "2024-01-31", "2024-01"),
        ("2024-02-01", "2024-02-29", "2024-02"),
        ("2024-03-01", "2024-03-10", "2024-03"),
    ]
    assert [period.calendar_starts_on.day for period in slices] == [1, 1, 1]


def test_quarters_and_years_are_those_of_the_calendar():
    assert spans(periods("quarter", date(2024, 5, 2), date(2024, 12, 31))) == [
        ("2024-05-02", "2024-06-30", "2024-Q2"),
        ("2024-07-01", "2024-09-30", "2024-Q3"),
        ("2024-10-01", "2024-12-31", "2024-Q4"),
    ]
    assert spans(periods("year", date(2024, 4, 1), date(2026, 3, 31))) == [
        ("2024-04-01", "2024-12-31", "2024"),
        ("2025-01-01", "2025-12-31", "2025"),
        ("2026-01-01", "2026-03-31", "2026"),
    ]


def test_weeks_begin_on_monday_and_bear_the_number_of_iso_8601():
    assert spans(periods("week", date(2024, 12, 27), date(2025, 1, 7))) == [
        ("2024-12-27", "2024-12-29", "2024-W52"),
        ("2024-12-30", "2025-01-05", "2025-W01"),
        ("2025-01-06", "2025-01-07", "2025-W02"),
    ]


def test_custom_periods_come_in_order_and_within_the_term():
    custom = [
        (date(2024, 3, 1), date(2024, 3, 9)),
        (date(2024, 1, 1), date(2024, 2, 2)),
        (date(2025, 1, 1), date(2025, 1, 2)),
    ]
    assert spans(periods("custom", date(2024, 1, 10), date(2024, 12, 31), custom)) == [
        ("2024-01-10", "2024-02-02", "2024-01-01/2024-02-02"),
        ("2024-03-01", "2024-03-09", "2024-03-01/2024-03-09"),
    ]  # fmt: skip


def test_a_term_of_one_day_has_one_period():
    for cycle in ("month", "quarter", "year", "week"):
        assert len(periods(cycle, date(2024, 2, 29), date(2024, 2, 29))) == 1


def test_an_unknown_cycle_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        periods("fortnight", date(2024, 1, 1), date(2024, 2, 1))


def test_the_calendar_has_an_end():
    for cycle in ("month", "quarter", "year", "week"):
        assert periods(cycle, date(9999, 12, 1), date.max)[-1].ends_on == date.max


@given(
    st.sampled_from(["month", "quarter", "year", "week"]),
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.integers(0, 1500),
)
@settings(max_examples=100, deadline=None)
def test_periods_cover_each_day_of_the_term_once(cycle, first, length):
    last = first + timedelta(days=length)
    slices = periods(cycle, first, last)
    assert slices[0].starts_on == first
    assert slices[-1].ends_on == last
    for before, after in pairwise(slices):
        assert after.starts_on == before.ends_on + timedelta(days=1)
    assert len({period.label for period in slices}) == len(slices)
    assert sum((period.ends_on - period.starts_on).days + 1 for period in slices) == length + 1


# Working days ----------------------------------------------------------------------------------------------------


def test_due_on_the_tenth_working_day_after_new_year():
    assert due_on(date(2024, 12, 31), 10, ENGLAND) == date(2025, 1, 15)


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("GB-ENG", date(2025, 1, 2)),
        ("GB-SCT", date(2025, 1, 3)),
        ("GB-WLS", date(2025, 1, 2)),
        (None, date(2025, 1, 1)),
    ],
)
def test_holidays_differ_by_subdivision(name, due):
    assert due_on(date(2024, 12, 31), 1, WorkingCalendar.of({"holidays": name})) == due


def test_substitute_days_of_holidays_on_a_weekend_count():
    assert date(2022, 12, 27) in holidays_in("GB-ENG", 2022)  # Christmas Day was a Sunday


def test_holidays_may_be_listed():
    calendar = WorkingCalendar.of({"holidays": ["2025-06-02", date(2025, 6, 3)], "weekdays": ["mon", "tue", "sat"]})
    assert due_on(date(2025, 5, 31), 1, calendar) == date(2025, 6, 7)
    assert working_days(date(2025, 6, 1), date(2025, 6, 10), calendar) == [
        date(2025, 6, 7),
        date(2025, 6, 9),
        date(2025, 6, 10),
    ]


def test_the_day_itself_is_not_counted():
    assert due_on(date(2025, 6, 2), 1, BARE) == date(2025, 6, 3)
    assert due_on(date(2025, 6, 6), 1, BARE) == date(2025, 6, 9)


def test_a_calendar_without_working_days_is_an_error():
    days = tuple(date(2025, 6, 1) + timedelta(days=n) for n in range(4000))
    with pytest.raises(ValueError, match="no working days"):
        due_on(date(2025, 6, 1), 1, WorkingCalendar(holidays=days))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("GB", True), ("GB-ENG", True), ("NO", True), ("DE-BY", True), ("US-CA", True), ("GB-XX", False), ("XX", False),
        ("GB-", False), ("", False), ("gb", False), ("HolidayBase", False), ("registry", False), ("__class__", False),
    ],
)  # fmt: skip
def test_which_holidays_are_known(name, known):
    assert knows_holidays(name) is known


def test_holiday_tables_are_made_once():
    assert holidays_in("FR", 2031) is holidays_in("FR", 2031)


# Minutes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "timezone", "counted"),
    [
        (month(2025, 3), "Europe/London", 44_580),
        (month(2025, 10), "Europe/London", 44_700),
        (month(2025, 3), "UTC", 44_640),
        (month(2025, 2), "UTC", 40_320),
        (month(2024, 2), "America/New_York", 41_760),
        (month(2025, 4), "Australia/Lord_Howe", 43_230),  # its clocks move by half an hour
        (month(2018, 11), "America/Sao_Paulo", 43_140),  # at midnight, so that a day begins at 01:00
    ],
)
def test_minutes_around_the_clock_count_changes_of_the_clock(period, timezone, counted):
    assert minutes(period, timezone) == counted


def test_minutes_of_the_working_calendar():
    march = month(2025, 3)
    assert minutes(march, "Europe/London", ENGLAND) == 21 * 8 * 60
    assert minutes(month(2025, 4), "Europe/London", ENGLAND) == 20 * 8 * 60  # Good Friday and Easter Monday


def test_working_hours_across_a_change_of_the_clock_lose_the_hour():
    sundays = WorkingCalendar(frozenset(), ("sun",), (0, 24 * 60))
    night = Slice(date(2025, 3, 30), date(2025, 3, 30), "", date(2025, 3, 30))
    assert minutes(night, "Europe/London", sundays) == 23 * 60


def test_a_calendar_without_hours_has_no_minutes_to_count():
    with pytest.raises(ValueError, match="no hours"):
        minutes(month(2025, 3), "UTC", BARE)


@pytest.mark.parametrize(
    ("text", "hours"), [("09:00-17:00", (540, 1020)), ("00:00-24:00", (0, 1440)), ("08:30-12:15", (510, 735))]
)
def test_hours_as_minutes(text, hours):
    assert hours_of(text) == hours


@pytest.mark.parametrize(
    "text",
    [
        "9:00-17:00",
        "09:00",
        "17:00-09:00",
        "09:00-09:00",
        "09:60-10:00",
        "23:00-24:01",
        "aa:bb-cc:dd",
        "٠٩:٠٠-١٧:٠٠",
    ],
)
def test_what_is_no_span_of_hours(text):
    with pytest.raises(ValueError, match=r"."):
        hours_of(text)


@given(st.dates(date(2000, 1, 1), date(2035, 1, 1)), st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_minutes_of_two_periods_add_up(first, one, two):
    middle, last = first + timedelta(days=one), first + timedelta(days=one + two + 1)
    whole = Slice(first, last, "", first)
    parts = Slice(first, middle, "", first), Slice(middle + timedelta(days=1), last, "", first)
    assert minutes(whole, "America/Sao_Paulo") == sum(minutes(part, "America/Sao_Paulo") for part in parts)
