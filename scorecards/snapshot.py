"""A contract's month as it is shown now: what an edition freezes, and what it is compared with afterwards."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.models import Contract, Reevaluation
from evaluation.models import Month, Result
from evaluation.rules import Outcome
from explanations.thresholds import (
    SIGNS,
    format_edge,
    format_measured,
    minimum_of,
    places_of,
    target_of,
    unit_of,
)
from measurements.querysets import STATES, month_state
from scorecards.models import Scorecard
from scorecards.rules import Check, checks, checksum_of
from slas.wording import describe_span


@dataclass(frozen=True)
class Standing:
    """How a contract's month stands: its figures, its judgement, and its numbers as an edition would keep them."""

    contract: Contract
    month: date
    now: datetime
    card: Scorecard | None
    money: Month | None
    results: list[Result]

    @cached_property
    def checks(self) -> list[Check]:
        """What is needed to publish it. Two statements more."""
        state = month_state([self.contract], self.month, self.now).get(self.contract.pk)
        counts = state.counts if state else dict.fromkeys(STATES, 0)
        unjudged = sum(result.outcome == Outcome.PENDING for result in self.results)
        return checks(counts, unjudged, built=self._is_built)

    @property
    def _is_built(self) -> bool:
        """Whether score and money come from the judgement that stands."""
        if self.card is None or self.money is None or self.card.judged_at != self.money.judged_at:
            return False
        waiting = Reevaluation.objects.filter(contract=self.contract, from_on__isnull=False)
        return self.money.final and not waiting.exists()

    @property
    def is_complete(self) -> bool:
        """Whether it can be published."""
        return all(check.done for check in self.checks)

    @cached_property
    def snapshot(self) -> dict[str, Any]:
        """The month's numbers, each as a text with all its decimals. Empty where the month has no score or money yet."""
        if self.card is None or self.money is None:
            return {}
        money = self.money
        return {
            "contract": self.contract.reference,
            "month": f"{self.month:%Y-%m}",
            "currency": self.contract.currency,
            "score": exact(self.card.score),
            "coverage": exact(self.card.coverage),
            "grade": self.card.grade or "",
            "kras": [_kra(kra) for kra in self.card.kras],
            "points": exact(money.points),
            "credit": exact(money.credit - money.earned_back),
            "earned_back": exact(money.earned_back),
            "charges": exact(money.charges),
            "at_risk": exact(money.at_risk),
            "not_charged": exact(money.capped_amount),
            "levels": [_level(result, self._shares) for result in self.results],
        }

    @cached_property
    def checksum(self) -> str:
        return checksum_of(self.snapshot) if self.snapshot else ""

    @cached_property
    def _shares(self) -> dict[tuple[str, str], Decimal]:
        counted = self.money.trace.get("counted") or [] if self.money else []
        return {(slot["code"], str(slot["starts_on"])): Decimal(slot.get("share") or 0) for slot in counted}


def standing_of(contract: Contract, month: date, now: datetime) -> Standing:
    """Three statements, whatever the size of the contract."""
    results = (
        Result.objects.filter(contract=contract, month=month)
        .select_related("service_level", "period", "terms")
        .defer("trace")
        .order_by("service_level__position", "service_level__code", "starts_on")
    )
    return Standing(
        contract,
        month,
        now,
        card=Scorecard.objects.filter(contract=contract, month=month).first(),
        money=Month.objects.filter(contract=contract, month=month).first(),
        results=list(results),
    )


def exact(value: Decimal | int | None) -> str | None:
    """A number as a text with all decimals that matter and none else, so that equal numbers are equal texts."""
    if value is None:
        return None
    text = f"{Decimal(value):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0", "-") else text


def _kra(kra: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: exact(kra.get(name)) for name in ("points", "earned", "score")}
    return {"code": kra.get("kra") or "", "name": kra["name"], **numbers}


def _level(result: Result, shares: dict[tuple[str, str], Decimal]) -> dict[str, Any]:
    """A service level's period: what was measured, as it was shown, against what, and what came of it."""
    level, terms = result.service_level, result.terms.full
    edges = [target_of(terms), minimum_of(terms)]
    unit, places = unit_of(level.measure), places_of(level.measure, edges)
    over = describe_span(terms, level.cycle)
    return {
        "code": level.code,
        "name": level.name,
        "starts_on": result.starts_on.isoformat(),
        "period": result.period.label,
        "cycle": level.cycle,
        "value": exact(result.value),
        "shown": format_measured(result.value, edges, places, unit),
        "target": format_edge(edges[0], SIGNS[str(terms["better"])], unit),
        "unit": unit,
        "outcome": result.outcome,
        "band": result.band_name or "",
        "points": exact(result.points),
        "share": exact(shares.get((level.code, result.starts_on.isoformat()), Decimal(0))),
        "terms": result.terms.version,
        **({"over": over} if over else {}),
    }
