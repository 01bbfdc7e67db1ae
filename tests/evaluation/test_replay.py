"""Preview and replay: the same steps as the judgement, read and not written."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from evaluation.actions import judge_due
from evaluation.models import Month, PastResult, Result
from evaluation.replay import Proposal, preview, replay
from measurements.actions import accept, import_figures, submit
from measurements.figures_file import FigureRow
from measurements.models import Submission
from scorecards.actions import build_due
from scorecards.models import Scorecard
from slas.actions import import_contract
from slas.models import Terms

CONTRACT = {
    "plumbline": 1,
    "contract": {
        "reference": "WHAT-IF",
        "title": "Meter reading",
        "vendor": {"code": "CORVID", "name": "Corvid Systems"},
        "starts_on": "2025-01-01",
        "ends_on": "2026-12-31",
        "currency": "GBP",
        "timezone": "Europe/London",
        "report_due": 10,
        "charges": {"monthly": "10000.00"},
    },
    "kras": [{"code": "K", "name": "Read on time", "objective": "Bills are right", "weight": 100}],
    "service_levels": [
        {
            "code": code,
            "name": code,
            "kras": {"K": 50},
            "every": "month",
            "measure": {"kind": "ratio", "of": "On time", "among": "All", "unit": "percent"},
            "terms": [
                {
                    "from": "2025-01-01",
                    "better": "higher",
                    "bands": [
                        {"name": "Met", "at": 95, "outcome": "met", "points": 0, "score": 100},
                        {"name": "Low", "outcome": "default", "points": 2, "score": 40},
                    ],
                    "repeat": ["1", "2"],
                }
            ],
        }
        for code in ("A", "B")
    ],
    "credits": {"point": {"amount": "100.00"}, "caps": [{"amount": "500.00", "over": "month"}]},
    "rules": [{"name": "Three", "over": "contract", "count": "points", "window": 3, "at_least": 6, "then": "escalate"}],
}
NOW = datetime(2025, 7, 20, 12, tzinfo=UTC)


def row(code: str, month: int, on_time: int) -> FigureRow:
    return FigureRow(2, code, date(2025, month, 1), numerator=Decimal(on_time), denominator=Decimal(100))


@pytest.fixture
def contract(cast, scope_of):
    """Judged from January to May: A at 96, B at 94 in April and May."""
    with scope_of(cast.petra):
        made = import_contract(by=cast.petra, source=json.dumps(CONTRACT))
        rows = [row("A", month, 96) for month in range(1, 6)]
        rows += [row("B", month, 94 if month > 3 else 97) for month in range(1, 6)]
        import_figures(by=None, contract=made, rows=rows, accept=True, now=NOW - timedelta(days=30))
        settle()
    return made


def settle(now: datetime = NOW - timedelta(days=1)) -> None:
    while judge_due(now=now):
        pass
    build_due(now=now)


def everything_stored() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Result, PastResult, Month, Scorecard, Terms)]


def test_a_preview_says_what_acceptance_then_stores(contract, cast, scope_of):
    with scope_of(cast.vera):
        [submission] = import_figures(
            by=cast.vera, contract=contract, rows=[row("A", 6, 90), row("B", 6, 94)], submit=True, now=NOW
        )
        before = everything_stored()
        seen = preview(submission, as_of=date(2025, 7, 20))
        assert everything_stored() == before
    june = {one["code"]: one for one in seen.results if one["month"] == date(2025, 6, 1)}
    assert [(june[code]["outcome"], june[code]["streak"], june[code]["points"]) for code in "AB"] == [
        ("default", 1, 2),
        ("default", 3, 4),
    ]
    [money] = [month for month in seen.months if month["month"] == date(2025, 6, 1)]
    assert (money["points"], money["credit_before_caps"], money["credit"], money["capped_amount"]) == (6, 600, 500, 100)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=Submission.objects.get(pk=submission.pk), now=NOW)
        settle(NOW)
        stored = Result.objects.filter(month=date(2025, 6, 1)).order_by("service_level__code")
        assert [(one.outcome, one.streak, one.points) for one in stored] == [("default", 1, 2), ("default", 3, 4)]
        month = Month.objects.get(month=date(2025, 6, 1))
        assert (month.credit_before_caps, month.credit, month.capped_amount) == (600, 500, 100)
        [score] = [one for one in seen.scores if one["month"] == date(2025, 6, 1)]
        assert Scorecard.objects.get(month=date(2025, 6, 1)).score == score["score"] == 40


def test_a_draft_is_previewed_in_place_of_what_was_accepted(contract, cast, scope_of):
    with scope_of(cast.vera):
        [correction] = import_figures(
            by=cast.vera, contract=contract, rows=[row("B", 4, 99)], reason="Counted twice", now=NOW
        )
        seen = preview(correction, as_of=date(2025, 7, 20))
    outcomes = {(one["code"], one["starts_on"].month): (one["outcome"], one["streak"]) for one in seen.results}
    assert outcomes["B", 4] == ("met", 0)
    assert outcomes["B", 5] == ("default", 1)


def test_a_preview_shows_a_quarter_that_ends_without_figures(cast, scope_of):
    quarterly = CONTRACT["service_levels"][0] | {"code": "Q", "every": "quarter"}
    with scope_of(cast.petra):
        made = import_contract(
            by=cast.petra, source=json.dumps(CONTRACT | {"service_levels": [*CONTRACT["service_levels"], quarterly]})
        )
    with scope_of(cast.vera):
        [draft] = import_figures(by=cast.vera, contract=made, rows=[row("A", 6, 90)], now=NOW)
        seen = preview(draft, as_of=date(2025, 7, 20))
    june = {one["code"]: one["outcome"] for one in seen.results if one["month"] == date(2025, 6, 1)}
    assert june == {"A": "default", "B": "not_measured", "Q": "not_measured"}


def proposal(code: str, at: str) -> Proposal:
    terms = Terms.objects.get(service_level__code=code)
    full = copy.deepcopy(terms.full)
    full["bands"][0]["at"] = at
    return Proposal(terms.service_level_id, date(2025, 1, 1), full)


def test_the_terms_in_force_replayed_change_nothing(contract, cast, scope_of):
    with scope_of(cast.petra):
        same = replay([proposal("A", "95"), proposal("B", "95")], from_on=date(2025, 1, 1), as_of=date(2025, 7, 20))
    assert same.changed == []
    assert len(same.after.results) == len(same.before.results) == 14
    assert [one["credit"] for one in same.after.months] == [one["credit"] for one in same.before.months]
    assert len(same.after.triggered_rules) == len(same.before.triggered_rules)


def test_a_stricter_target_is_replayed_over_the_months_behind(contract, cast, scope_of):
    with scope_of(cast.petra):
        before = everything_stored()
        stricter = replay([proposal("A", "97")], from_on=date(2025, 1, 1), as_of=date(2025, 7, 20))
        assert everything_stored() == before
    assert [(was["outcome"], now["outcome"]) for was, now in stricter.changed] == [("met", "default")] * 5
    assert [one["points"] for one in stricter.after.results if one["outcome"] == "default"] == [2, 4, 4, 4, 4]
    april = next(one for one in stricter.after.months if one["month"] == date(2025, 4, 1))
    assert (april["points"], april["credit_before_caps"], april["credit"]) == (6, 600, 500)
    assert {one["month"] for one in stricter.after.triggered_rules} > {
        one["month"] for one in stricter.before.triggered_rules
    }


def test_a_replay_of_a_later_part_takes_the_streak_with_it(contract, cast, scope_of):
    with scope_of(cast.petra):
        part = replay([proposal("B", "95")], from_on=date(2025, 5, 1), as_of=date(2025, 7, 20))
    assert next((one["starts_on"].month, one["streak"]) for one in part.after.results) == (5, 2)


def test_the_fingerprint_changes_with_the_proposal_and_with_the_data(contract, cast, scope_of):
    with scope_of(cast.petra):
        first = replay([proposal("A", "97")], from_on=date(2025, 1, 1), as_of=date(2025, 7, 20)).fingerprint
        assert replay([proposal("A", "97")], from_on=date(2025, 1, 1), as_of=date(2025, 7, 20)).fingerprint == first
        assert replay([proposal("A", "98")], from_on=date(2025, 1, 1), as_of=date(2025, 7, 20)).fingerprint != first
        import_figures(by=None, contract=contract, rows=[row("A", 3, 80)], reason="Wrong month", accept=True, now=NOW)
        settle(NOW)
        assert replay([proposal("A", "97")], from_on=date(2025, 1, 1), as_of=date(2025, 7, 20)).fingerprint != first


def test_a_submitted_month_cannot_be_decided_by_a_preview(contract, cast, scope_of):
    with scope_of(cast.vera):
        [draft] = import_figures(by=cast.vera, contract=contract, rows=[row("A", 6, 90)], now=NOW)
        submit(by=cast.vera, submission=draft, now=NOW)
        preview(draft, as_of=date(2025, 7, 20))
        assert Submission.objects.get(pk=draft.pk).status == "submitted"
