"""Properties that any reading of the rules must have, tried on random contracts."""

import copy
import json
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, given, settings

from tests.evaluation.oracle import judge
from tests.evaluation.oracle.days import day, month_after
from tests.evaluation.oracle.facts import give_values, slots_of
from tests.evaluation.oracle.money import Ledger
from tests.evaluation.oracle.numbers import minor_unit
from tests.evaluation.oracle.outcomes import give_outcomes
from tests.evaluation.strategies import judgements

RESULT = {
    "service_level", "period", "value", "band", "outcome", "streak", "factor", "points", "score", "terms_from",
}  # fmt: skip
MONTH = {"month", "points", "charges", "at_risk", "credit_before_caps", "credit", "forgone", "earned_back"}
OUTCOMES = {"met", "miss", "default", "not_measured", "no_volume", "exempt", "pending"}
AFTER_THE_END = timedelta(days=90)  # by then no figure is awaited any more
some = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def long_after(contract):
    return day(contract["contract"]["ends_on"]) + AFTER_THE_END


def in_each(credits, change):
    """The terms about money with each version changed; a point is worth 1 where there are none."""
    credits = credits or {"point": {"amount": "1"}}
    return [change(version) for version in credits] if isinstance(credits, list) else change(credits)


def ledger_of(contract, figures, as_of):
    """The oracle's own objects, where the JSON does not say enough."""
    header, slots = contract["contract"], []
    for level in contract["service_levels"]:
        own = slots_of(level, header, figures, as_of)
        give_values(own, header)
        give_outcomes(own)
        slots += own
    return Ledger(contract, slots), slots


@some
@given(judgements())
def test_judgement_has_its_shape_and_leaves_its_input_alone(drawn):
    before = copy.deepcopy(drawn)
    got = judge(*drawn)
    assert drawn == before
    assert judge(*drawn) == got == json.loads(json.dumps(got))
    assert set(got) == {"results", "months", "rules", "scorecards"}
    for row in got["results"]:
        assert set(row) == RESULT and row["outcome"] in OUTCOMES
        assert (row["score"] is None) or row["band"] or row["outcome"] == "not_measured"
    assert all(set(row) == MONTH for row in got["months"])
    assert [card["month"] for card in got["scorecards"]] == [row["month"] for row in got["months"]]


@some
@given(judgements())
def test_only_defaults_have_a_streak_and_only_defaults_and_met_have_points(drawn):
    for row in judge(*drawn)["results"]:
        silent_default = row["outcome"] == "not_measured" and row["streak"]
        assert (row["streak"] > 0) == bool(row["outcome"] == "default" or silent_default)
        if row["outcome"] not in ("default", "met") and not silent_default:
            assert row["points"] == "0"
        if not row["streak"]:
            assert row["factor"] == "1"


@some
@given(judgements())
def test_money_never_changes_results_or_points(drawn):
    contract, figures, as_of = drawn
    got = judge(contract, figures, as_of)
    bare = {key: part for key, part in contract.items() if key != "credits"}
    # The only key that says which points count.
    bare["credits"] = in_each(contract.get("credits"), lambda version: {
        "point": {"amount": "1"}, **{key: version[key] for key in ("from", "one_per_incident") if key in version}
    })  # fmt: skip
    plain = judge(bare, figures, as_of)
    assert plain["results"] == got["results"]
    assert [m["points"] for m in plain["months"]] == [m["points"] for m in got["months"]]
    assert plain["scorecards"] == got["scorecards"]


@some
@given(judgements())
def test_credits_stay_under_every_cap(drawn):
    contract, figures, as_of = drawn
    caps = {"caps": [{"amount": "33.335", "over": "rolling_12"}]}
    contract = contract | {"credits": in_each(contract.get("credits"), lambda version: caps | version)}
    ledger, _ = ledger_of(contract, figures, as_of or long_after(contract))
    half_a_unit = Fraction(1, 2 * 10 ** minor_unit(contract["contract"]["currency"]))
    for month in ledger.months:
        for cap in ledger.credits(month.month)["caps"]:
            start, end = ledger.cap_window(cap["over"], month.month)
            window = [m.credit for m in ledger.months if start <= m.month <= month.month]
            limit = ledger.headroom(cap, month) + sum(window[:-1], Fraction(0))
            assert month.credit == 0 or sum(window) <= limit + half_a_unit
            assert start <= month.month <= end
        assert 0 <= month.credit <= month.before_caps + half_a_unit
        assert month.forgone >= 0


@some
@given(judgements())
def test_shares_add_up_and_no_more_returns_than_was_credited(drawn):
    contract, figures, as_of = drawn
    credits = contract.get("credits") or {"point": {"amount": "0.333"}, "tariff": {"kind": "linear"}}
    ledger, slots = ledger_of(contract | {"credits": credits}, figures, as_of or long_after(contract))
    credited = returned = Fraction(0)
    for month in ledger.months:
        of_month = [s for s in slots if s.month == month.month]
        earning = sum(s.earning_points for s in of_month)
        assert sum(s.share for s in of_month) == (month.credit if earning else 0)
        assert all(s.share >= 0 for s in of_month)
        credited, returned = credited + month.credit, returned + month.earned_back
        assert returned <= credited


@some
@given(judgements())
def test_without_a_minimum_a_credit_is_issued_or_forgone(drawn):
    contract, figures, as_of = drawn
    credits = in_each(
        contract.get("credits"), lambda version: {key: part for key, part in version.items() if key != "minimum"}
    )
    for month in judge(contract | {"credits": credits}, figures, as_of)["months"]:
        assert Fraction(month["credit"]) + Fraction(month["forgone"]) == Fraction(month["credit_before_caps"])


@some
@given(judgements())
def test_taking_a_figure_away_never_covers_more(drawn):
    contract, figures, _ = drawn
    contract = copy.deepcopy(contract)
    for level in contract["service_levels"]:
        for terms in level["terms"]:
            terms.pop("rolling", None)  # what a later slot makes of an earlier figure is another matter
    reported = sorted({(f["service_level"], f["period"]) for f in figures})
    kept = [f for f in figures if (f["service_level"], f["period"]) in reported[1::2]]
    whole = judge(contract, figures, long_after(contract))["scorecards"]
    fewer = judge(contract, kept, long_after(contract))["scorecards"]
    for card, less in zip(whole, fewer, strict=True):
        assert Fraction(less["coverage"]) <= Fraction(card["coverage"])
    nothing = judge(contract, [], long_after(contract))
    assert all(Fraction(card["coverage"]) == 0 for card in nothing["scorecards"])
    assert {row["outcome"] for row in nothing["results"]} <= {"not_measured"}


@some
@given(judgements())
def test_later_figures_never_change_earlier_results(drawn):
    contract, figures, _ = drawn
    as_of = long_after(contract)
    cut = month_after(day(contract["contract"]["starts_on"]).replace(day=1), 4).isoformat()
    got = judge(contract, figures, as_of)["results"]
    cut_short = judge(contract, [f for f in figures if f["period"] < cut], as_of)["results"]
    assert [r for r in got if r["period"] < cut] == [r for r in cut_short if r["period"] < cut]


@some
@given(judgements())
def test_order_of_rows_and_of_levels_does_not_matter(drawn):
    contract, figures, as_of = drawn
    turned = contract | {"service_levels": contract["service_levels"][::-1]}
    got, other = judge(contract, figures, as_of), judge(turned, figures[::-1], as_of)
    assert {kind: sorted(map(json.dumps, rows)) for kind, rows in got.items()} == {
        kind: sorted(map(json.dumps, rows)) for kind, rows in other.items()
    }


@some
@given(judgements())
def test_a_run_of_defaults_counts_up_by_one_or_starts_again(drawn):
    contract, figures, as_of = drawn
    results = judge(contract, figures, as_of)["results"]
    for level in contract["service_levels"]:
        seen = 0
        for row in (r for r in results if r["service_level"] == level["code"]):
            assert row["streak"] in (0, 1, seen + 1)
            if row["streak"]:
                seen = row["streak"]
            elif row["outcome"] in ("met", "miss"):
                seen = 0


@some
@given(judgements())
def test_rules_hold_in_listed_months_and_each_but_once(drawn):
    got = judge(*drawn)
    months = {row["month"] for row in got["months"]}
    listed = [(row["rule"], row["service_level"], row["month"]) for row in got["rules"]]
    assert len(listed) == len(set(listed))
    assert {month for _, _, month in listed} <= months


def test_without_figures_and_day_there_is_nothing_to_judge():
    contract = {
        "plumbline": 1,
        "contract": {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "currency": "GBP", "timezone": "UTC"},
        "kras": [],
        "service_levels": [
            {"code": "A", "every": "month", "measure": {"kind": "value"}, "terms": [{"from": "2025-01-01", "better": "higher",
             "bands": [{"name": "All", "outcome": "met", "points": 0, "score": 100}]}]}
        ],
    }  # fmt: skip
    assert judge(contract, []) == {"results": [], "months": [], "rules": [], "scorecards": []}
    assert len(judge(contract, [], date(2025, 3, 1))["results"]) == 3
