"""Why a contract's month has its score and its credit: the one place that each of its numbers leads to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.models import Contract
from evaluation.models import Month, Result
from explanations.money import explain_money
from explanations.parts import Counted, Money
from explanations.rows import gather_month, with_parts
from lib.months import after
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import number
from scorecards.models import Scorecard
from slas.models import ServiceLevel

ZERO = Decimal(0)
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class LevelLine:
    """A service level's periods in a KRA: of the contract's 100 points those it can earn there, and those it earned."""

    name: str
    code: str
    points: Decimal | None
    earned: Decimal | None
    results: list[Result]


@dataclass(frozen=True)
class KraLine:
    code: str
    name: str
    weight: Decimal
    points: Decimal | None
    earned: Decimal | None
    levels: list[LevelLine]


@dataclass(frozen=True)
class Moved:
    """What a KRA, or a service level in it, earned of the contract's 100 points in the month before, and earns now."""

    name: str
    code: str
    before: Decimal | None
    after: Decimal | None
    levels: list["Moved"] = field(default_factory=list)  # those that moved

    @property
    def change(self) -> Decimal:
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True)
class MonthExplanation:
    """A month's stored numbers and how they came to be. Nothing is worked out again."""

    contract: Contract
    month: date
    card: Scorecard | None
    before: Scorecard | None  # of the month before
    stored: Month | None
    results: list[Result]
    money: Money | None
    names: Mapping[str, str]  # of all service levels, by code

    @cached_property
    def kras(self) -> list[KraLine]:
        return [_kra(kra, self._by_code, self.names) for kra in (self.card.kras if self.card else ())]

    @property
    def change(self) -> Decimal | None:
        """By how much the score moved; None where one of both months has none."""
        if self.card is None or self.before is None or self.card.score is None or self.before.score is None:
            return None
        return self.card.score - self.before.score

    @cached_property
    def moved(self) -> list[Moved]:
        """Where the change came from: the KRAs of both months, whose changes add up to it."""
        then, now = _earned(self.before), _earned(self.card)
        return [
            Moved(
                (now.get(code) or then[code])["name"],
                code,
                then.get(code, NOTHING).get("earned"),
                now.get(code, NOTHING).get("earned"),
                self._moved_levels(then.get(code, NOTHING), now.get(code, NOTHING)),
            )
            for code in dict.fromkeys((*now, *then))
        ]

    def _moved_levels(self, then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Moved]:
        was, is_ = ({code: earned for code, _, earned in kra.get("levels", ())} for kra in (then, now))
        every = [
            Moved(self.names.get(one, one), one, was.get(one), is_.get(one)) for one in dict.fromkeys((*is_, *was))
        ]
        return [one for one in every if one.before != one.after]

    @cached_property
    def _by_code(self) -> dict[str, list[Result]]:
        found: dict[str, list[Result]] = {}
        for result in self.results:
            found.setdefault(result.service_level.code, []).append(result)
        return found

    @property
    def sum_of_points(self) -> str:
        """ "12.3 + 25.0 + 14.0 + 20.0 = 71.3"; empty where there is no score."""
        if self.card is None or self.card.score is None:
            return ""
        earned = [number(kra.earned, 1) for kra in self.kras if kra.earned is not None]
        return f"{' + '.join(earned)} = {number(self.card.score, 1)}"

    @property
    def counted(self) -> Iterator[tuple[Counted, Result | None]]:
        """The periods with penalty points, each with what explains them."""
        slots = {(result.service_level.code, result.starts_on): result for result in self.results}
        return ((slot, slots.get((slot.code, slot.starts_on))) for slot in (self.money.counted if self.money else ()))

    @property
    def earned_back(self) -> str:
        value = self.stored.earned_back if self.stored else Decimal(0)
        return format_amount(value, self.contract.currency) if value else ""


def _earned(card: Scorecard | None) -> dict[str, Mapping[str, Any]]:
    return {kra.get("kra") or kra["name"]: kra for kra in (card.kras if card else ())}


def _kra(kra: dict[str, Any], results: dict[str, list[Result]], names: Mapping[str, str]) -> KraLine:
    levels = [
        LevelLine(names.get(code, code), code, points, earned, results.get(code, []))
        for code, points, earned in kra.get("levels", ())
    ]
    return KraLine(kra.get("kra") or "", kra["name"], kra["weight"], kra.get("points"), kra.get("earned"), levels)


def explain_month(contract: Contract, month: date) -> MonthExplanation:
    """Four statements, whatever the size of the contract."""
    found = with_parts().filter(contract=contract, month=month)
    results = list(found.order_by("service_level__position", "service_level__code", "starts_on"))
    cards = {one.month: one for one in Scorecard.objects.filter(contract=contract, month__in=(after(month, -1), month))}
    rows = gather_month(results[0]) if results else None
    money, stored = (explain_money(rows, whole=True), rows.month) if rows else (None, None)
    names = dict(ServiceLevel.objects.filter(contract=contract).values_list("code", "name"))
    return MonthExplanation(
        contract, month, cards.get(month), cards.get(after(month, -1)), stored, results, money, names
    )
