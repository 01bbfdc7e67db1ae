"""What comes later than the judgement changes what it touches, and nothing else; what held before is kept with the reason.

Corrections, late first reports and amended terms, each against a judgement of everything from the beginning.
"""

import copy
import os
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from evaluation.models import Month, PastResult
from tests.evaluation.oracle.days import day
from tests.evaluation.oracle.facts import level_periods
from tests.evaluation.stored import (
    by_slot,
    content,
    judgement,
    report,
    results,
    stamps,
    take_contract,
    thrown_away,
    tick,
    triggered_rules,
)
from tests.evaluation.strategies import judgements
from tests.evaluation.test_judgement import EVERY

# An example takes seconds, so a failure is shown as it was found.
some = settings(
    EVERY,
    max_examples=100 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
LATER = timedelta(minutes=1)


def long_after(contract):
    return datetime.combine(day(contract["contract"]["ends_on"]) + timedelta(days=90), datetime.min.time(), UTC)


def judged(contract, figures, now, reference="R-1"):
    stored = take_contract(contract, reference)
    report(stored, contract, figures, now)
    tick(now)
    return stored


def must_be_restated(stored, before, stamped, fresh, now):
    """The stored judgement is the fresh one; rows that say the same were not touched, of the others the old one is kept.

    before, stamped: `judgement` and `stamps` as they were. Returns the keys of the results that changed.
    """
    after, stamped_now = judgement(stored), stamps(stored)
    for kind, rows in judgement(fresh).items():
        assert after[kind] == rows
    past = {key: row for key, row in results(stored, PastResult).items() if row.restated_at == now}
    changed = {key for key, row in after["results"].items() if row != before["results"].get(key)}
    for key in after["results"]:
        judged_at, revision = stamped_now["results"][key]
        if key not in changed:
            assert (judged_at, revision) == stamped["results"][key]
        elif key in before["results"] and before["results"][key]["outcome"] != "pending":
            assert (judged_at, revision) == (now, stamped["results"][key][1] + 1)
            assert past[key].revision == revision - 1 and past[key].restated_because
            kept = content(past[key])
            assert {name: kept[name] for name in before["results"][key]} == before["results"][key]
        else:
            assert judged_at == now and key not in past
    assert set(past) <= changed
    return changed


# Corrections -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@some
@given(judgements(), st.integers(0, 1000), st.integers(0, 1000))
def test_a_correction_changes_what_follows_from_it(drawn, which, other):
    """The figures of one slot become those of another slot of its service level."""
    contract, figures, _ = drawn
    slots = by_slot(figures)
    assume(slots)
    key = sorted(slots)[which % len(slots)]
    others = sorted(slot for slot in slots if slot[0] == key[0])
    # Relief that was granted stays with a correction that says nothing of it: this one takes it back.
    granted = {row.get("part", "") for row in slots[key] if "relieved" in row}
    taken_back = {part: {"relieved": "0"} for part in granted}
    others_rows = slots[others[other % len(others)]]
    rows = [taken_back.get(row.get("part", ""), {}) | row | {"period": key[1]} for row in others_rows]
    corrected = [row for slot, given_rows in slots.items() if slot != key for row in given_rows] + rows
    now = long_after(contract)
    with thrown_away():
        stored = judged(contract, figures, now)
        before, stamped = judgement(stored), stamps(stored)
        report(stored, contract, rows, now + LATER)
        tick(now + LATER)
        fresh = judged(contract, corrected, now + LATER, "FRESH")
        changed = must_be_restated(stored, before, stamped, fresh, now + LATER)
        assert all(level == key[0] and starts_on >= date.fromisoformat(key[1]) for level, starts_on in changed)
        for month, judged_at in stamps(stored)["months"].items():
            assert judged_at == stamped["months"][month] or month >= date.fromisoformat(key[1]).replace(day=1)


@pytest.mark.django_db
@some
@given(judgements(), st.integers(0, 1000))
def test_a_late_first_report_is_a_restatement(drawn, which):
    contract, figures, _ = drawn
    slots = by_slot(figures)
    assume(slots)
    key = sorted(slots)[which % len(slots)]
    now = long_after(contract)
    with thrown_away():
        stored = judged(contract, [row for row in figures if (row["service_level"], row["period"]) != key], now)
        before, stamped = judgement(stored), stamps(stored)
        report(stored, contract, slots[key], now + LATER)
        tick(now + LATER)
        fresh = judged(contract, figures, now + LATER, "FRESH")
        changed = must_be_restated(stored, before, stamped, fresh, now + LATER)
        own = key[0], date.fromisoformat(key[1])
        assert own in changed
        past = results(stored, PastResult)
        assert past.pop(own).restated_because == "Reported late"
        begins = next(row.period for row in PastResult.objects.select_related("period") if row.starts_on == own[1])
        name = f"{begins.starts_on:%B %Y}" if begins.cycle == "month" else begins.label
        assert {(row.restated_because, row.follows_from) for row in past.values()} <= {
            (f"Follows from {name}, reported late", own[1])
        }


@pytest.mark.django_db
@some
@given(judgements(), st.integers(0, 1000), st.integers(0, 1000))
def test_amended_terms_change_their_periods_and_what_follows(drawn, which, number):
    """A service level gets the terms of its first version, with another weight, from a period on."""
    contract, figures, _ = drawn
    amended = copy.deepcopy(contract)
    level = amended["service_levels"][which % len(amended["service_levels"])]
    starts = [first.isoformat() for first, _ in level_periods(level, contract["contract"])]
    last = level.get("ends_on", contract["contract"]["ends_on"])
    later = [first for first in starts if level["terms"][-1]["from"] < first <= last]
    assume(later)
    begins = later[number % len(later)]
    terms = {key: part for key, part in level["terms"][0].items() if key not in ("credits_from", "kras")}
    level["terms"].append(terms | {"from": begins, "weight": "1.25"})
    now = long_after(contract)
    with thrown_away():
        stored = judged(contract, figures, now)
        before, stamped = judgement(stored), stamps(stored)
        take_contract(amended, today=date.fromisoformat(begins))
        tick(now + LATER)
        fresh = judged(amended, figures, now + LATER, "FRESH")
        changed = must_be_restated(stored, before, stamped, fresh, now + LATER)
        assert changed == {
            (code, first) for code, first in before["results"] if code == level["code"] and first.isoformat() >= begins
        }
        assert {row.restated_because for row in PastResult.objects.all()} <= {"Terms revised"}


# One correction, worked out by hand -------------------------------------------------------------------------------

BANDS = [
    {"name": "Good", "at": 95, "outcome": "met", "points": 0, "score": 100},
    {"name": "Bad", "outcome": "default", "points": 1, "score": 0},
]
CONTRACT = {
    "plumbline": 1,
    "contract": {
        "reference": "R-1",
        "title": "Service desk",
        "vendor": {"code": "CORVID", "name": "Corvid Systems"},
        "starts_on": "2024-01-01",
        "ends_on": "2024-12-31",
        "currency": "GBP",
        "timezone": "Europe/London",
        "calendar": {"holidays": "GB-ENG"},
        "charges": {"monthly": "1000.00"},
    },
    "kras": [{"code": "REL", "name": "Reliable service", "objective": "", "weight": 100}],
    "service_levels": [
        {
            "code": code,
            "name": f"Level {code}",
            "kras": {"REL": 100},
            "every": "month",
            "measure": {"kind": "ratio", "of": "Good", "among": "All", "unit": "percent"},
            "terms": [{"from": "2024-01-01", "better": "higher", "bands": BANDS, "repeat": ["1", "2"]}],
        }
        for code in ("AA", "BB")
    ],
    "credits": {
        "point": {"amount": "10.00"},
        "caps": [{"amount": "25.00", "over": "rolling_12"}],
        "earn_back": {"after": 2},
    },
    "rules": [
        {
            "name": "Three in a row",
            "over": "service_level",
            "count": "consecutive_defaults",
            "at_least": 3,
            "then": "escalate",
        }
    ],
}


def row(code, month, numerator):
    return {"service_level": code, "period": f"2024-0{month}-01", "numerator": str(numerator), "denominator": "100"}


def money(stored):
    """Credit, forgone and earned back of each month, in whole pounds."""
    rows = Month.objects.filter(contract=stored).order_by("month")
    return [(int(month.credit), int(month.capped_amount), int(month.earned_back)) for month in rows]


@pytest.mark.django_db
def test_a_correction_of_february_by_hand():
    """Defaults from January to March earn 1, 2 and 2 points of 10.00; the cap of 25.00 leaves 10.00, 15.00 and nothing.

    With February met, March is a first default: 10.00, which April and May earn back. March's rule no longer holds. The
    other service level, reported in the same submissions, and all other periods stay as they are.
    """
    now = datetime(2024, 7, 20, 12, tzinfo=UTC)
    figures = [row("AA", n, 90 if n < 4 else 99) for n in range(1, 7)] + [row("BB", n, 99) for n in range(1, 7)]
    with thrown_away():
        stored = judged(CONTRACT, figures, now)
        assert money(stored) == [(10, 0, 0), (15, 5, 0), (0, 20, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)]
        assert list(triggered_rules(stored)) == [("Three in a row", "AA", date(2024, 3, 1))]
        before = stamps(stored)
        report(stored, CONTRACT, [row("AA", 2, 99)], now + LATER)
        tick(now + LATER)
        assert money(stored) == [(10, 0, 0), (0, 0, 0), (10, 0, 0), (0, 0, 0), (0, 0, 10), (0, 0, 0)]
        assert triggered_rules(stored) == {}
        february, march = ("AA", date(2024, 2, 1)), ("AA", date(2024, 3, 1))
        past = results(stored, PastResult)
        assert {key: (kept.revision, kept.streak, kept.points) for key, kept in past.items()} == {
            february: (1, 2, 2),
            march: (1, 3, 2),
        }
        assert past[february].restated_because == "Figures corrected: As found out"
        assert past[march].restated_because == "Follows from February 2024, figures corrected: As found out"
        assert (past[february].follows_from, past[march].follows_from) == (None, february[1])
        after = stamps(stored)["results"]
        assert after == before["results"] | {february: (now + LATER, 2), march: (now + LATER, 2)}
        assert stamps(stored)["months"][date(2024, 1, 1)] == now


@pytest.mark.django_db
def test_a_correction_is_seen_in_the_traces_that_look_back_on_it():
    """February and March have the same values as before, over other sums; the other service level's traces have no reason to change."""
    contract = copy.deepcopy(CONTRACT)
    contract["service_levels"][0]["terms"][0]["rolling"] = 3
    now = datetime(2024, 7, 20, 12, tzinfo=UTC)
    figures = [row(code, n, 90) for code in ("AA", "BB") for n in range(1, 7)]
    with thrown_away():
        stored = judged(contract, figures, now)
        report(stored, contract, [row("AA", 1, 180) | {"denominator": "200"}], now + LATER)
        tick(now + LATER)
        after = results(stored)
        sums = [after["AA", date(2024, n, 1)].trace["rolled"]["base"] for n in range(1, 5)]
        assert sums == [200, 300, 400, 300]
        restated = {key for key, one in after.items() if one.judged_at == now + LATER}
        assert restated == {("AA", date(2024, n, 1)) for n in (1, 2, 3)}
