"""How far each consequence is: by hand, by adding defaults one by one, and as the judgement then finds."""

import json
import os
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.ahead import FOUND, CapAhead, RuleAhead, ahead
from evaluation.models import Month, TriggeredRule
from evaluation.pipeline import statement
from explanations.spans import months_between
from explanations.thresholds_ahead import is_over, to_cap, to_factor, to_rule
from lib.months import after
from organisations.actions import create_organisation
from organisations.scope import open_scope
from tests.evaluation.engines import as_text
from tests.evaluation.strategies import judgements
from tests.explanations.examples import explained

pytestmark = pytest.mark.django_db
APRIL = date(2024, 4, 1)
# The step alone: a rule, and what the steps before it say of slots and months. The running month is the last of those given.
GIVEN = """
account AS (SELECT 1 AS contract_id, date '2000-01-01' AS since, %(month)s::date AS from_month),
rule AS (
    SELECT 1 AS contract_id, 1 AS rule_no, NULL::date AS sees_from, r.* FROM jsonb_to_record(%(rule)s::jsonb) AS r (
        name text, over text, count text, "window" int, at_least numeric, more_than numeric, bands text[], "then" text)
),
watched AS (
    SELECT u.contract_id, u.rule_no, u.over, u.count, u.window, u.bands IS NULL AS any_run, true AS judged, s.* FROM rule AS u
    CROSS JOIN jsonb_to_recordset(%(slots)s::jsonb) AS s (
        service_level_id bigint, starts_on date, month date, hit boolean, weighed boolean, breaks boolean, streak int, points numeric,
        share numeric)
),
month AS (
    SELECT 1 AS contract_id, g::date AS month FROM generate_series(%(first)s::date, %(month)s::date, '1 month') AS g
),
stored_month AS (
    SELECT 1 AS contract_id, m.* FROM jsonb_to_recordset(%(months)s::jsonb) AS m (month date, credit numeric, capped boolean)
),
due AS (SELECT 1 AS contract_id, %(month)s::date AS month, %(nth)s::int AS nth),
cap AS (SELECT 1 AS contract_id, %(month)s::date AS month, %(caps)s::jsonb AS list),
"""
STEP = statement(("ahead",), FOUND).replace("RECURSIVE", GIVEN, 1)


@dataclass(frozen=True)
class Slot:
    """`neutral`: it leaves a run as it is."""

    month: date
    streak: int
    counted: Decimal
    share: Decimal = Decimal(0)
    outcome: str = "met"
    band_name: str | None = None
    neutral: bool = False
    level: int = 1


@dataclass(frozen=True)
class Tally:
    month: date
    credit: Decimal = Decimal(0)
    capped: bool = False


def run(given=None, slots=(), months=(), caps=(), nth=0):
    """(what the step says of a rule for its service level, or for none or the contract; the caps)."""
    rule = given or {"name": "None", "over": "contract", "count": "points", "window": "1", "at_least": "1"}
    at = max([one.month for one in (*months, *slots)], default=APRIL)
    watched = []
    for number, one in enumerate(slots):
        named = not rule.get("bands") or one.band_name in rule["bands"]
        hit = one.streak > 0 and named
        watched.append(
            {
                "service_level_id": one.level,
                "starts_on": str(date.fromordinal(one.month.toordinal() + number % 28)),
                "month": str(one.month),
                "hit": hit,
                "weighed": one.outcome in ("met", "miss", "default") or one.streak > 0,
                "breaks": not hit and not one.neutral,
                "streak": one.streak,
                "points": str(one.counted) if named else "0",
                "share": str(one.share),
            }
        )
    values = {
        "month": at,
        "first": min([one.month for one in months], default=at),
        "nth": nth,
        "rule": json.dumps(rule),
        "slots": json.dumps(watched),
        "caps": json.dumps(caps),
        "months": json.dumps([{"month": str(m.month), "credit": str(m.credit), "capped": m.capped} for m in months]),
    }
    with connection.cursor() as cursor:
        cursor.execute(STEP, values)
        rows = cursor.fetchall()
    rules = [RuleAhead(no - 1, *rest) for no, _, _, *rest in rows if no is not None]
    found = next((one for one in rules if one.level is not None), rules[0])
    return found, [CapAhead(over, limit, more) for no, over, limit, _, _, _, more in rows if no is None]


def ahead_of(given, slots=(), months=()):
    return to_rule(given, run(given, slots, months)[0])


def month(nth):
    return after(APRIL, nth)


def slot(nth=0, streak=1, points=1, **fields):
    given = {"outcome": "default" if streak else "met", "band_name": "Minor" if streak else "Target"}
    return Slot(month(nth), streak, Decimal(points if streak else 0), **given | fields)


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
    found = ahead_of(given, slots, months)
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
    assert ahead_of(given, slots, months).more == more


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
    assert ahead_of(rule("credit", "contract", at_least="50"), slots, months).holds


def test_months_in_a_row_and_months_at_the_cap():
    months = [Tally(month(0)), Tally(month(1), capped=True), Tally(month(2), capped=True), Tally(month(3))]
    slots = [slot(1), slot(2)]
    row = rule("consecutive_defaults", "contract", at_least="3")
    assert far(row, slots, months) == (False, 1, "1 more month in a row with a breach")
    assert far(row, [*slots, slot(3)], months)[0] is True
    assert far(row, [])[:2] == (False, 3)
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
    found = ahead_of(given, slots)
    for _ in range(int(found.more) if found.more is not None else window + 1):
        assert not ahead_of(given, slots).holds
        add("default")
    assert ahead_of(given, slots).holds == (found.more is not None)


@settings(
    max_examples=200 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 20,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(judgements().filter(lambda drawn: drawn[0].get("rules") or '"caps"' in as_text(drawn[0])))
def test_on_any_contract_it_is_what_the_judgement_finds(drawn):
    """In its last judged month: the rules over the contract that hold, and the caps."""
    with transaction.atomic():
        with open_scope(organisation_id=create_organisation(name="Any", slug="any").pk):
            slots = explained(*drawn)
            account = Month.objects.filter(contract=slots[0][0].contract).order_by("month").last() if slots else None
            if account:
                contract = account.contract
                rules, caps = ahead(contract.pk, account.month)
                stored = [(cap["over"], round(Decimal(str(cap["limit"])), 4)) for cap in account.trace.get("caps", [])]
                assert [(cap.over, round(cap.limit, 4)) for cap in caps] == stored
                fired = TriggeredRule.objects.filter(contract=contract, month=account.month)
                held = {
                    (contract.rules[one.rule]["name"], one.level)
                    for one in rules
                    if one.holds and one.again and not is_over(contract.rules[one.rule], account.month)
                }
                over_contract = {(one.rule, None) for one in fired if one.service_level_id is None}
                assert {one for one in held if one[1] is None} == over_contract
        transaction.set_rollback(True)


# Caps ------------------------------------------------------------------------------------------------------------


def test_the_money_until_each_cap():
    """In the third month of a contract year, the twelfth before it being the one of a year ago."""
    credits = {month(-12): 1000, month(-11): 100, month(-2): 200, month(0): 50}
    months = [Tally(on, Decimal(credit)) for on, credit in credits.items()]
    caps = [{"over": over, "limit": 350} for over in ("month", "rolling_12", "contract_year")]
    found = [to_cap(one, cash="£{}".format) for one in run(months=months, caps=caps, nth=26)[1]]
    assert [(one.more, one.holds) for one in found] == [(300, False), (0, True), (100, False)]
    assert found[0].sentence == "£300 more, and the cap of £350 in a month is reached."
    assert found[1].sentence == "The cap of £350 in twelve months is reached: further points bring no further credit."


def test_months_are_counted_over_years():
    assert months_between(date(2023, 11, 15), APRIL) == 5
