"""The explanation that says why a result is so: on any contract its arithmetic comes to what was stored."""

import os
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from explanations import value
from explanations.explanation import format_explanation
from organisations.actions import create_organisation
from organisations.scope import open_scope
from tests.evaluation.strategies import judgements
from tests.explanations.examples import explained

EXAMPLES = 300 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 25


def twelve(value):
    """To twelve places, half away from zero, as the database rounds."""
    size = (abs(value) * 10**12 + Fraction(1, 2)) // 1
    return Fraction(size if value >= 0 else -size, 10**12)


def arithmetic(text):
    """What a written formula comes to, read from its text alone."""
    plain = text.replace(",", "").translate(str.maketrans("×÷−", "*/-"))
    exact = re.sub(r"\d+(\.\d+)?", r"Fraction('\g<0>')", plain)
    return eval(exact, {"Fraction": Fraction})  # noqa: S307 - the explanation's own formula


def numbers(text):
    """The numbers in a line, in order."""
    return [Fraction(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def check_percentages(lines):
    """A percentage of an amount comes to what the line says, and so does the at-risk amount as a percentage of charges."""
    for line in lines:
        if line.label not in ("A point is worth", "Cap") or "% of" not in line.text or "…" in line.text:
            continue
        percent, base, *rest = numbers(line.text)
        if "(each month's share" in line.text:  # The percentage changed during the span.
            charges, *rest = rest
            assert base <= charges, line
        elif "(" in line.text:
            at_risk, charges, *rest = rest
            assert at_risk * charges == base * 100, line
        assert percent * base == rest[0] * 100, line
        assert line.label == "A point is worth" or max(rest[0] - rest[1], 0) == rest[2], line


def check_value(result, rows, explanation):
    if explanation.formula is None:
        assert result.value is None
        return
    if "…" not in explanation.formula.written:
        assert twelve(arithmetic(explanation.formula.written)) == twelve(Fraction(explanation.formula.value))
    parts = [worked for _, worked in value.parts(rows)]
    assert sum(one.numerator.amount for one in parts) == result.numerator
    assert sum(one.denominator.amount for one in parts) == result.denominator
    for side in (side for worked in parts for side in (worked.numerator, worked.denominator)):
        assert arithmetic(side.written) == Fraction(side.amount)


def check_points(result, explanation):
    if explanation.points is None:
        assert result.points == 0
        return
    made = Fraction(1)
    for _, factor in explanation.points.factors:
        made *= Fraction(factor)
    # Steps are stored to twelve places: thirds of a step differ in the last ones.
    assert abs(made - Fraction(result.points)) <= Fraction(1, 10**9)
    assert explanation.points.points == result.points


def check_score(result, explanation):
    """A score between two bands is a sum that comes to the one that was stored."""
    for line in explanation.judgement:
        if "on the straight line" not in line.text:
            continue
        written, score = line.text.partition(", on the")[0].split(" = ")
        if "…" not in score:
            assert Fraction(score.replace(",", "")) == Fraction(result.score)
        if "…" not in written + score:
            assert arithmetic(written) == Fraction(result.score)


def check_money(result, rows, explanation):
    found, month = explanation.money, rows.month
    assert (found is None) == bool(explanation.without_money)
    if found is None:
        return
    unit = Decimal(1).scaleb(-result.contract.minor_unit)
    assert abs(sum(one.counted for one in found.counted) - month.points) < Decimal("1e-8")
    assert abs(sum(one.earning for one in found.counted) - found.earning) < Decimal("1e-8")
    due = Decimal(round(Fraction(found.units) * Fraction(found.worth) * Fraction(found.bedding) * 10**8)) / 10**8
    assert abs(due - found.before_caps) <= unit / 2
    assert bool(found.caps) == ("room" in rows.month_trace)
    if found.caps:
        assert min(cap.room for cap in found.caps) == rows.month_trace["room"]
        assert any(cap.narrowest for cap in found.caps)
        assert all(cap.room == max(cap.limit - cap.used, 0) for cap in found.caps)
    if found.earning:
        assert sum(one.share for one in found.counted) == found.credit
    minimum = Decimal(result.contract.in_force(result.month).credits["minimum"] or 0)
    after = min([due, *(cap.room for cap in found.caps)])
    assert found.credit == (0 if after <= minimum else after.quantize(unit, ROUND_HALF_UP))
    assert any(line.label == "Earning" for line in found.lines) == any(
        slot.earning != slot.counted for slot in found.counted
    )
    assert not any(line.text.endswith("….") for line in found.lines)
    check_percentages(found.lines)
    for line in found.lines:
        if line.label == "Tariff" and " = " in line.text and "…" not in line.text:
            written, units = line.text.rstrip(".").split(" = ")
            assert arithmetic(written) == Fraction(units.replace(",", ""))


@pytest.mark.django_db
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(judgements())
def test_on_any_contract_the_arithmetic_of_the_sheet_comes_to_what_was_stored(drawn):
    contract, figures, as_of = drawn
    with transaction.atomic():
        organisation = create_organisation(name="Any", slug="any")
        with open_scope(organisation_id=organisation.pk):
            for result, rows, explanation in explained(contract, figures, as_of):
                check_value(result, rows, explanation)
                check_points(result, explanation)
                check_score(result, explanation)
                check_money(result, rows, explanation)
                assert [at for at, band in enumerate(explanation.terms.bands, 1) if band.reached] == (
                    [result.band] if result.band else []
                )
                as_text = format_explanation(explanation)
                assert as_text.startswith(explanation.verdict)
                assert not re.search(
                    r"(?<![\d.,])1 (relieved )?(points|cases|minutes|periods|months|defaults)\b", as_text
                )
        transaction.set_rollback(True)
