"""The usual way, as a baseline: object by object through the ORM, one service level at a time, each slot saved by itself.

Written from the rules for the measures of `bench.world` alone, with nothing of the product's pipeline. A sample is measured and the whole
is extrapolated.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from bench.clock import say, seconds
from contracts.models import Period
from evaluation.models import Result
from measurements.models import Figure
from organisations.scope import open_scope
from slas.models import ServiceLevel

SAMPLE = 40


def measure(organisation: int, slots: int, pipeline_took: float) -> None:
    with open_scope(organisation_id=organisation):
        levels = list(ServiceLevel.objects.order_by("-pk")[:SAMPLE])
        judged: list[int] = []
        took = seconds(lambda: judged.extend(judge_level(level) for level in levels))
        transaction.set_rollback(True)
    whole = took / sum(judged) * slots
    say(f"object by object, extrapolated from {sum(judged)} slots", whole, pipeline_took, "the pipeline")


def judge_level(level: ServiceLevel) -> int:
    """Judge all periods of one service level; returns how many."""
    terms = level.terms.get(version=1)
    streak, recent = 0, []
    periods = list(Period.objects.filter(contract_id=level.contract_id, cycle=level.cycle).order_by("starts_on"))
    for period in periods:
        figure = Figure.objects.select_related("submission").get(
            service_level=level, period=period, submission__status="accepted"
        )
        recent.append(figure.value)
        value = value_of(level.measure, figure, period, recent[-int(terms.full["rolling"]) :])
        number, band = reached(terms.full, value)
        streak = streak + 1 if band["outcome"] == "default" else 0
        repeat = terms.full["repeat"]
        factor = Decimal(repeat[min(streak, len(repeat)) - 1]) if streak else Decimal(1)
        Result.objects.update_or_create(
            service_level=level,
            starts_on=period.starts_on,
            defaults={
                "vendor_id": level.vendor_id, "contract_id": level.contract_id, "period": period, "terms": terms, "month": period.month,
                "submission_id": figure.submission_id, "outcome": band["outcome"], "band": number, "band_name": band["name"],
                "band_outcome": band["outcome"], "value": value, "run": streak, "streak": streak, "factor": factor,
                "points": Decimal(band["points"]) * factor, "score": Decimal(band["score"]), "judged_at": timezone.now(),
                "trace": {"numerator": str(figure.numerator), "denominator": str(figure.denominator), "value": str(figure.value)},
            },
        )  # fmt: skip
    return len(periods)


def value_of(measure: dict[str, Any], figure: Figure, period: Period, recent: list[Any]) -> Decimal:
    if measure["kind"] == "ratio":
        return figure.numerator / figure.denominator * Decimal(measure["scale"])
    if measure["kind"] == "availability":
        base = period.minutes - figure.maintenance
        return (base - figure.downtime) / base * 100
    total = sum(recent, Decimal(0))
    return total if measure["kind"] == "count" else total / len(recent)


def reached(terms: dict[str, Any], value: Decimal) -> tuple[int, dict[str, Any]]:
    for number, band in enumerate(terms["bands"], 1):
        if band["at"] is None or (
            value >= Decimal(band["at"]) if terms["better"] == "higher" else value <= Decimal(band["at"])
        ):
            return number, band
    raise ValueError("The last band takes everything.")
