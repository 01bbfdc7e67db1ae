"""Preview and replay: the same steps as the judgement, read and not written."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from contracts import contract_file
from evaluation.actions import judge_due
from evaluation.models import Month, PastResult, Result, TriggeredRule
from evaluation.proposed import dated_back, difference, proposed_rows, stored_rows, with_periods
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


def row(code: str, month: int, on_time: int, note: str = "") -> FigureRow:
    return FigureRow(2, code, date(2025, month, 1), numerator=Decimal(on_time), denominator=Decimal(100), note=note)


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
            by=cast.vera,
            contract=contract,
            rows=[row("A", 6, 90, "Two lorries broke down"), row("B", 6, 94, "As in May")],
            submit=True,
            now=NOW,
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


SINCE, AS_OF = date(2025, 1, 1), date(2025, 7, 20)


def proposed(contract, document, since: date | None = None, levels: str = "AB") -> Proposal:
    """A file as it is dated, or as if what it changes had held `since` a day."""
    stored = stored_rows([contract])[contract.pk]
    file = contract_file.read(json.dumps(document))
    rows = proposed_rows(contract, file, stored)
    rows = dated_back(stored, rows, since) if since else rows
    return Proposal(with_periods(rows, file, stored), [one["id"] for one in rows.levels if one["code"] in levels])


def with_target(code: str, at: str, since: str = "2026-01-01"):
    """The contract with a further version of a service level's terms."""
    document = copy.deepcopy(CONTRACT)
    [level] = [one for one in document["service_levels"] if one["code"] == code]
    terms = copy.deepcopy(level["terms"][0]) | {"from": since}
    terms["bands"][0]["at"] = at
    level["terms"].append(terms)
    return document


def test_the_contract_in_force_replayed_changes_nothing(contract, cast, scope_of):
    with scope_of(cast.petra):
        same = replay([proposed(contract, CONTRACT)], from_on=SINCE, as_of=AS_OF)
        assert {one["month"]: one["score"] for one in same.after.scores} == dict(
            Scorecard.objects.values_list("month", "score")
        )
    assert same.changed == []
    assert len(same.after.results) == len(same.before.results) == 14
    assert [one["credit"] for one in same.after.months] == [one["credit"] for one in same.before.months]
    assert len(same.after.triggered_rules) == len(same.before.triggered_rules)
    assert same.after.credit_changes == same.after.outcome_changes == []


def test_terms_of_next_year_are_replayed_over_the_months_behind(contract, cast, scope_of):
    with scope_of(cast.petra):
        before = everything_stored()
        one = proposed(contract, with_target("A", "97"), SINCE, levels="A")
        stricter = replay([one], from_on=SINCE, as_of=AS_OF)
        assert everything_stored() == before
    assert [(was["outcome"], now["outcome"]) for was, now in stricter.changed] == [("met", "default")] * 5
    assert [one["points"] for one in stricter.after.results if one["outcome"] == "default"] == [2, 4, 4, 4, 4]
    april = next(one for one in stricter.after.months if one["month"] == date(2025, 4, 1))
    assert (april["points"], april["credit_before_caps"], april["credit"]) == (6, 600, 500)
    assert {one["month"] for one in stricter.after.triggered_rules} > {
        one["month"] for one in stricter.before.triggered_rules
    }


def test_as_dated_terms_of_next_year_change_nothing_behind(contract, cast, scope_of):
    with scope_of(cast.petra):
        assert replay([proposed(contract, with_target("A", "97"))], from_on=SINCE, as_of=AS_OF).changed == []


def test_a_replay_of_a_later_part_takes_the_streak_with_it(contract, cast, scope_of):
    with scope_of(cast.petra):
        part = replay([proposed(contract, CONTRACT, levels="B")], from_on=date(2025, 5, 1), as_of=AS_OF)
    assert next((one["starts_on"].month, one["streak"]) for one in part.after.results) == (5, 2)


def test_the_fingerprint_changes_with_the_proposal_and_with_the_data(contract, cast, scope_of):
    def fingerprint(at):
        one = proposed(contract, with_target("A", at), SINCE, levels="A")
        return replay([one], from_on=SINCE, as_of=AS_OF).fingerprint

    with scope_of(cast.petra):
        first = fingerprint("97")
        assert fingerprint("97") == first
        assert fingerprint("98") != first
        import_figures(by=None, contract=contract, rows=[row("A", 3, 80)], reason="Wrong month", accept=True, now=NOW)
        settle(NOW)
        assert fingerprint("97") != first


def everything_changed():
    """The contract with a version of each dated part from March 2025, a further rule, KRA and service level, and one that ends."""
    march = {"from": "2025-03-01"}
    document = with_target("A", "97", "2025-03-01")
    document["contract"] |= {
        "charges": [{"monthly": "10000.00"}, march | {"monthly": "4000.00"}],
        "report_due": [{"days": 10}, march | {"days": 2}],
        "calendar": [{"from": "2025-01-01"}, march | {"holidays": "GB-SCT", "weekdays": ["mon", "tue"]}],
    }
    document["credits"] = [document["credits"], march | {"point": {"percent_of": "charges", "value": "1"}}]
    document["scorecard"] = [{}, march | {"missing": "zero", "grades": [{"name": "Good", "at": 80}, {"name": "Poor"}]}]
    document["rules"].append(
        march
        | {"name": "Two", "over": "service_level", "count": "consecutive_defaults", "at_least": 2, "then": "notify"}
    )
    document["kras"][0]["weight"] = [{"from": "2025-01-01", "weight": 100}, march | {"weight": 70}]
    document["kras"].append(
        {"code": "L", "name": "Least effort", "objective": "Few calls", "weight": [march | {"weight": 30}]}
    )
    document["service_levels"][0]["terms"][1]["kras"] = {"K": 20, "L": 80}
    document["service_levels"].append(
        document["service_levels"][1] | {"code": "C", "every": "quarter", "kras": {"L": 10}, "ends_on": "2026-06-30"}
    )
    return document


def test_what_was_replayed_is_what_is_stored_once_the_contract_is_amended(contract, cast, scope_of):
    """The tables that the chain finds in a replay are those that an import writes: every dated part, periods with them."""
    document = everything_changed()
    with scope_of(cast.petra):
        seen = replay([proposed(contract, document, levels="ABC")], from_on=SINCE, as_of=AS_OF).after
        import_contract(by=None, source=json.dumps(document), today=AS_OF)
        settle(NOW)
        results = {
            (one.service_level.code, one.starts_on): (one.outcome, one.band_name, one.value, one.streak, one.points)
            for one in Result.objects.select_related("service_level")
        }
        months = {
            one.month: (one.points, one.credit_before_caps, one.credit, one.capped_amount)
            for one in Month.objects.all()
        }
        rules = {(one.month, one.rule, one.measured) for one in TriggeredRule.objects.all()}
        scores = {one.month: (one.score, one.coverage, one.grade) for one in Scorecard.objects.all()}
    assert {
        (one["code"], one["starts_on"]): tuple(
            one[key] for key in ("outcome", "band_name", "value", "streak", "points")
        )
        for one in seen.results
    } == results
    assert {
        one["month"]: tuple(one[key] for key in ("points", "credit_before_caps", "credit", "capped_amount"))
        for one in seen.months
    } == months
    assert {(one["month"], one["rule"], one["measured"]) for one in seen.triggered_rules} == rules
    assert {one["month"]: (one["score"], one["coverage"], one["grade"]) for one in seen.scores} == scores
    assert len(results) == 17
    assert {rule for _, rule, _ in rules} == {"Three", "Two"}


def test_what_is_ended_would_not_have_been_there(contract, cast, scope_of):
    document = copy.deepcopy(CONTRACT)
    document["service_levels"][1]["ends_on"] = "2026-03-31"
    document["rules"][0]["until"] = "2026-03-31"
    with scope_of(cast.petra):
        gone = replay([proposed(contract, document, SINCE, levels="B")], from_on=SINCE, as_of=AS_OF)
    assert gone.after.results == gone.after.triggered_rules == []
    assert len(gone.before.results) == 7
    assert sum(one["points"] for one in gone.after.months) == 0 < sum(one["points"] for one in gone.before.months)
    assert {one["score"] for one in gone.after.scores if one["score"] is not None} == {100}


def test_charges_that_are_listed_by_month_stay_on_their_day(contract, cast, scope_of):
    document = copy.deepcopy(CONTRACT)
    document["contract"]["charges"] = [{"monthly": "10000.00"}, {"from": "2025-08-01", "months": {"2025-08": "9000"}}]
    with scope_of(cast.petra):
        charges = proposed(contract, document, SINCE).rows.contract["charges"]
    assert [one["from"] for one in charges] == ["2025-01-01", "2025-08-01"]


def test_an_earlier_end_cuts_the_period_in_which_it_lies(contract, cast, scope_of):
    document = copy.deepcopy(CONTRACT)
    document["contract"]["ends_on"] = "2025-05-15"
    with scope_of(cast.petra):
        [cut] = proposed(contract, document).rows.periods
    assert (cut["starts_on"], cut["ends_on"], cut["minutes"]) == (date(2025, 5, 1), date(2025, 5, 15), 15 * 1440)


def test_a_difference_says_which_parts_and_since_when(contract, cast, scope_of):
    with scope_of(cast.petra):
        stored = stored_rows([contract])[contract.pk]
        same = proposed_rows(contract, contract_file.read(json.dumps(CONTRACT)), stored)
        assert not difference(stored, same)
        found = difference(
            stored, proposed_rows(contract, contract_file.read(json.dumps(everything_changed())), stored)
        )
    assert found.parts == {"charges", "calendar", "report_due", "credits", "scorecard", "rules"}
    assert (len(found.terms), len(found.added), found.weights) == (1, 1, True)
    assert found.from_on == date(2025, 1, 1)  # of the service level that is added


def test_a_submitted_month_cannot_be_decided_by_a_preview(contract, cast, scope_of):
    with scope_of(cast.vera):
        [draft] = import_figures(by=cast.vera, contract=contract, rows=[row("A", 6, 90)], now=NOW)
        submit(by=cast.vera, submission=draft, now=NOW)
        preview(draft, as_of=date(2025, 7, 20))
        assert Submission.objects.get(pk=draft.pk).status == "submitted"
