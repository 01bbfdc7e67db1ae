"""How far each consequence is: by hand, against the rules that the judgement found, and against adding defaults one by one."""

import os
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.models import Month, Result, TriggeredRule
from explanations.spans import SPANS, last_day_of, months_between
from explanations.thresholds_ahead import Slot, Tally, cap_limits, is_over, sees, to_caps, to_factor, to_rule
from lib.months import after
from organisations.actions import create_organisation
from organisations.scope import open_scope
from tests.evaluation.engines import as_text
from tests.evaluation.strategies import judgements
from tests.explanations.examples import explained

APRIL = date(2024, 4, 1)


def month(nth):
    return after(APRIL, nth)


def slot(nth=0, streak=1, points=1, **fields):
    given = {"outcome": "default" if streak else "met", "band_name": "Minor" if streak else "Target"}
    return Slot(month(nth), streak=streak, counted=Decimal(points if streak else 0), **given | fields)


def rule(count="defaults", over="service_level", window=3, at_least=None, more_than=None, bands=None):
    return {"name": "Chronic", "over": over, "count": count, "window": str(window), "at_least": at_least} | {
        "more_than": more_than,
        "bands": bands,
        "then": "escalate",
    }


# Repeat factor ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("consecutive_defaults", "repeat", "more", "factor"),
    [(0, ["1", "2"], 2, "2"), (1, ["1", "2"], 1, "2"), (1, ["1", "1", "3"], 2, "3"), (2, ["1", "1.5", "3"], 1, "3")],
)
def test_how_many_defaults_to_the_next_factor(consecutive_defaults, repeat, more, factor):
    found = to_factor(consecutive_defaults, repeat)
    assert (found.more, found.name, found.holds) == (more, factor, False)
    assert (
        found.sentence
        == f"{more} more breach{'es' if more > 1 else ''} in a row would multiply penalty points by {factor}."
    )


def test_the_highest_factor_and_no_factor_at_all():
    assert to_factor(5, ["1", "2"]).sentence == "Penalty points are already doubled."
    assert (to_factor(2, ["1", "2"]).more, to_factor(2, ["1", "2"]).holds) == (None, True)
    assert to_factor(0, ["1"]) is None
    assert to_factor(3, ["2", "2"]) is None


# Rules -----------------------------------------------------------------------------------------------------------


def far(given, slots, months=()):
    found = to_rule(given, slots, months)
    return found.holds, found.more, found.sentence.split(" would trigger")[0]


def test_what_falls_out_of_the_window_no_longer_counts():
    """Three of three are needed: the default of two periods ago is lost with the next period."""
    slots = [slot(0), slot(1, 0), slot(2)]
    assert far(rule(at_least="3"), slots) == (False, 2, "2 more breaches within the window of 3 periods")
    assert far(rule(at_least="2"), slots)[:2] == (True, 0)
    assert far(rule(at_least="4"), slots)[:2] == (False, None)
    assert far(rule(more_than="2"), slots)[:2] == (False, 2)
    assert far(rule(at_least="1"), [slot(0, 0)]) == (False, 1, "1 more breach in the next period")


def test_in_a_row_over_neutral_periods():
    run = [slot(0, 1), slot(1, 2)]
    exempt = slot(2, 0, outcome="exempt", band_name=None, neutral=True)
    assert far(rule("consecutive_defaults", at_least="3"), [*run, exempt]) == (False, 1, "1 more breach in a row")
    assert far(rule("consecutive_defaults", at_least="2"), run)[0] is True
    assert far(rule("consecutive_defaults", at_least="2"), [*run, exempt])[:2] == (False, 1)
    assert far(rule("consecutive_defaults", at_least="2"), [*run, slot(2, 0)])[:2] == (False, 2)
    assert far(rule("consecutive_defaults", at_least="2"), [])[:2] == (False, 2)


def test_in_certain_bands_only():
    serious = rule("consecutive_defaults", at_least="3", bands=["Serious"])
    slots = [slot(0, 1), slot(1, 2, band_name="Serious"), slot(2, 3, band_name="Serious")]
    assert far(serious, slots)[:2] == (False, 1)
    assert far(rule("points", at_least="5", bands=["Serious"]), slots) == (
        False,
        3,
        "3 more penalty points of Serious in the next period",
    )


def test_which_bands_count_is_said_and_nothing_is_more_of_nothing():
    bands = ["Serious", "Severe", "Critical"]
    serious = rule(window=1, at_least="1", bands=bands)
    assert far(serious, [slot(0)])[2] == "1 more breach of Serious, Severe or Critical in the next period"
    assert far(serious, ())[2] == "1 breach of Serious, Severe or Critical in the next period"
    row = rule("consecutive_defaults", at_least="2", bands=bands[1:])
    assert far(row, ())[2] == "2 breaches of Severe or Critical in a row"
    assert far(row | {"over": "contract"}, ())[2] == "2 months in a row with a breach of Severe or Critical"
    assert (
        far(rule("points", at_least="5", bands=bands[2:]), ())[2] == "5 penalty points of Critical in the next period"
    )


def test_points_and_credit_of_the_next_period():
    slots = [slot(0, points=9), slot(1, points=2), slot(2, points="1.5")]
    assert far(rule("points", at_least="13"), slots) == (
        False,
        Decimal("9.5"),
        "9.5 more penalty points in the next period",
    )
    assert far(rule("points", more_than="12.5"), slots) == (
        False,
        9,
        "More than 9 more penalty points in the next period",
    )
    assert far(rule("points", more_than="12.4"), slots)[0] is True
    shares = [slot(0, share=Decimal(50)), slot(1, share=Decimal(30))]
    assert far(rule("credit", at_least="100"), shares) == (False, 20, "20 more credit in the next period")


def test_a_share_of_defaults():
    slots = [slot(0), slot(1, 0), slot(2, 0), slot(3, 0, outcome="exempt")]
    assert far(rule("default_share", window=4, at_least="50"), slots)[:2] == (False, 2)
    over = rule("default_share", "contract", 6, at_least="50")
    months = [Tally(month(n)) for n in range(4)]
    assert far(over, slots, months) == (False, 1, "1 more breach this month")
    assert far(rule("default_share", "contract", 6, at_least="100"), slots, months)[:2] == (False, None)
    assert far(rule("default_share", "contract", 6, at_least="100"), [], months)[:2] == (False, 1)
    assert far(rule("default_share", "contract", 6, more_than="100"), [], months)[:2] == (False, None)


@pytest.mark.parametrize(
    ("count", "over", "limit", "more"),
    [
        ("default_share", "contract", {"at_least": "99.999999999999"}, 199_999_999_999_997),
        ("default_share", "contract", {"more_than": "99.999999999999"}, 199_999_999_999_998),
        ("default_share", "service_level", {"at_least": "99.999999999999"}, 999),
        ("defaults", "contract", {"at_least": "999999999999.5"}, 10**12 - 1),
        ("defaults", "service_level", {"at_least": "999999999999"}, None),
        ("consecutive_defaults", "service_level", {"at_least": "999999999999"}, 10**12 - 2),
        ("consecutive_defaults", "contract", {"more_than": "999999999999"}, 10**12 - 1),
        ("capped_months", "contract", {"at_least": "999999999999"}, None),
    ],
)
def test_a_limit_however_far_is_counted_to_in_a_moment(count, over, limit, more):
    """One default of three that were judged, the last of three slots; a count one by one would never end."""
    slots = [slot(0, 0), slot(1, 0), slot(2, 1)]
    months = [Tally(month(n)) for n in range(3)] + [Tally(month(3))]
    given = rule(count, over, 1000, **limit)
    slots = [*slots, slot(3, 0)] if count == "consecutive_defaults" and over == "contract" else slots
    assert to_rule(given, slots, months).more == more


def test_over_the_contract_more_comes_in_the_running_month():
    months = [Tally(month(0), Decimal(100)), Tally(month(1)), Tally(month(2), Decimal(50)), Tally(month(3))]
    slots = [slot(0), slot(1), slot(1), slot(3)]
    assert far(rule("defaults", "contract", at_least="5"), slots, months) == (False, 2, "2 more breaches this month")
    assert far(rule("points", "contract", at_least="5"), slots, months) == (
        False,
        2,
        "2 more penalty points this month",
    )
    assert far(rule("credit", "contract", 4, at_least="200"), slots, months) == (False, 50, "50 more credit this month")
    assert to_rule(rule("credit", "contract", at_least="50"), slots, months).holds


def test_months_in_a_row_and_months_at_the_cap():
    months = [Tally(month(0)), Tally(month(1), capped=True), Tally(month(2), capped=True), Tally(month(3))]
    slots = [slot(1), slot(2)]
    row = rule("consecutive_defaults", "contract", at_least="3")
    assert far(row, slots, months) == (False, 1, "1 more month in a row with a breach")
    assert far(row, [*slots, slot(3)], months)[0] is True
    assert far(row, slots, [])[:2] == (False, 3)
    assert to_rule(row, slots, months).unit == "months"
    capped = rule("capped_months", "contract", at_least="3")
    assert far(capped, slots, months) == (False, 1, "1 more month at the cap")
    assert far(rule("capped_months", "contract", at_least="2"), slots, months[:3])[0] is True
    assert far(rule("capped_months", "contract", at_least="4"), slots, months)[:2] == (False, None)
    assert far(capped, slots, months[:3])[:2] == (False, 1)


FLAGS = st.lists(st.sampled_from(["default", "met", "exempt"]), max_size=8)


@settings(deadline=None, max_examples=200)
@given(
    FLAGS, st.integers(1, 5), st.integers(1, 6), st.sampled_from(["defaults", "consecutive_defaults", "default_share"])
)
def test_so_many_defaults_and_not_one_less(flags, window, need, count):
    """Add defaults to the history one by one, and see when the rule holds."""
    need = 20 * min(need, 5) if count == "default_share" else need
    given, slots = rule(count, window=window, at_least=str(need)), []

    def add(outcome):
        run = next((one.streak for one in reversed(slots) if not one.neutral), 0)
        streak = run + 1 if outcome == "default" else 0
        slots.append(slot(len(slots), streak, outcome=outcome, neutral=outcome == "exempt"))

    for outcome in flags:
        add(outcome)
    found = to_rule(given, slots)
    for _ in range(int(found.more) if found.more is not None else window + 1):
        assert not to_rule(given, slots).holds
        add("default")
    assert to_rule(given, slots).holds == (found.more is not None)


def distances_of(contract):
    """(rule, service level or None, month, whether it holds) as this module counts it from what is stored."""
    results = list(Result.objects.filter(contract=contract).select_related("terms", "period").order_by("starts_on"))
    counted = {
        (int(entry["service_level_id"]), entry["starts_on"]): entry
        for one in Month.objects.filter(contract=contract)
        for entry in one.trace.get("counted", ())
    }
    slots = [(result.service_level_id, slot_of(result, counted)) for result in results if result.outcome != "pending"]
    tallies = [
        Tally(one.month, one.credit, one.capped) for one in Month.objects.filter(contract=contract).order_by("month")
    ]
    for one_rule in contract.rules:
        for at, tally in enumerate(tallies):
            before = [(level, one) for level, one in slots if one.month <= tally.month]
            if one_rule["over"] == "contract":
                found = to_rule(one_rule, [one for _, one in before], tallies[: at + 1])
                if is_over(one_rule, tally.month) or not sees(one_rule, last_day_of(tally.month)):
                    continue
                yield one_rule["name"], None, tally.month, found.holds
                continue
            if is_over(one_rule, tally.month):
                continue
            for level in {level for level, one in before if one.month == tally.month and sees(one_rule, one.ends_on)}:
                own = [one for other, one in before if other == level and sees(one_rule, one.ends_on)]
                ends = [n for n, one in enumerate(own, 1) if one.month == tally.month]
                yield one_rule["name"], level, tally.month, any(to_rule(one_rule, own[:n]).holds for n in ends)


def slot_of(result, counted):
    entry = counted.get((result.service_level_id, result.starts_on.isoformat()), {})
    exempt = result.outcome in ("exempt", "no_volume") and result.terms.full["exempt_streak"] == "neutral"
    return Slot(
        month=result.month,
        outcome=result.outcome,
        band_name=result.band_name,
        streak=result.streak,
        counted=Decimal(str(entry.get("counted", 0))),
        share=Decimal(str(entry.get("share", 0))),
        neutral=exempt or (result.outcome == "not_measured" and not result.streak),
        level=result.service_level_id,
        ends_on=result.period.ends_on,
    )


@pytest.mark.django_db
@settings(
    max_examples=200 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 20,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(judgements().filter(lambda drawn: drawn[0].get("rules")))
def test_on_any_contract_the_rules_hold_that_the_judgement_found(drawn):
    with transaction.atomic():
        with open_scope(organisation_id=create_organisation(name="Any", slug="any").pk):
            slots = explained(*drawn)
            if slots:
                contract = slots[0][0].contract
                fired = {
                    (one.rule, one.service_level_id, one.month)
                    for one in TriggeredRule.objects.filter(contract=contract)
                }
                held = {found[:3] for found in distances_of(contract) if found[3]}
                assert held == fired
        transaction.set_rollback(True)


# Caps ------------------------------------------------------------------------------------------------------------


def test_the_money_until_each_cap():
    credits = {month(-12): Decimal(1000), month(-11): Decimal(100), month(-2): Decimal(200), month(0): Decimal(50)}
    caps = [{"over": over, "limit": Decimal(350)} for over in ("month", "rolling_12", "contract_year")]
    found = to_caps(caps, credits, contract_begins=date(2022, 2, 15), month=APRIL, cash="£{}".format)
    assert [(one.more, one.holds) for one in found] == [(300, False), (0, True), (100, False)]
    assert found[0].sentence == "£300 more, and the cap of £350 in a month is reached."
    assert found[1].sentence == "The cap of £350 in twelve months is reached: further points bring no further credit."


@pytest.mark.django_db
@settings(
    max_examples=200 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 20,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(judgements().filter(lambda drawn: '"caps"' in as_text(drawn[0])))
def test_caps_are_known_before_the_month_has_an_account(drawn):
    """As amounts they are those that the judgement then finds."""
    with transaction.atomic():
        with open_scope(organisation_id=create_organisation(name="Any", slug="any").pk):
            slots = explained(*drawn)
            for account in Month.objects.filter(contract=slots[0][0].contract) if slots else ():
                stored = [(cap["over"], round(Decimal(str(cap["limit"])), 4)) for cap in account.trace.get("caps", [])]
                assert limits_of(slots[0][0].contract, account.month) == stored
        transaction.set_rollback(True)


def limits_of(contract, month):
    first, last = contract.starts_on.replace(day=1), contract.ends_on.replace(day=1)
    credits = contract.in_force(month).credits
    found = cap_limits(credits, lambda of, on: base_of(contract, of, on), first=first, last=last, month=month)
    return [(cap["over"], round(cap["limit"], 4)) for cap in found]


def base_of(contract, of, month):
    clauses = contract.in_force(month)
    return clauses.charge(month) if of == "charges" else clauses.at_risk(month)


def test_a_contract_year_is_of_twelve_months_and_a_rolling_one_of_those_that_were():
    """Charges of 1, 2, 3 … a month from February 2024 to January 2026."""
    caps = [{"over": over, "amount": None, "percent_of": "at_risk", "value": "10"} for over in SPANS]
    credits = {"at_risk_percent": "50", "caps": [*caps, {"over": "month", "amount": "7.5"}]}
    first, last = date(2024, 2, 1), date(2026, 1, 1)

    def at_risk(of, on):
        assert of == "at_risk"
        return Decimal(months_between(first, on) + 1) * 10

    def limits(month):
        found = cap_limits(credits, at_risk, first=first, last=last, month=month)
        return [cap["limit"] for cap in found]

    assert limits(APRIL) == [3, 1 + 2 + 3, sum(range(1, 13)), Decimal("7.5")]
    assert limits(date(2025, 3, 1)) == [14, sum(range(3, 15)), sum(range(13, 25)), Decimal("7.5")]
    assert cap_limits({}, at_risk, first=first, last=last, month=APRIL) == []


def test_months_are_counted_over_years():
    assert months_between(date(2023, 11, 15), APRIL) == 5
