"""What the months behind say about terms: a target that a single case decides, one that is always or never reached, a cap that cuts every
month's credit, a rule that holds every month. Pure: the facts are those of `agreements.querysets.histories`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agreements.querysets import History, LevelHistory
from explanations.process_signals import assurance, bounds_of
from lib.control_limits import MINIMUM_VALUES
from lib.templatetags.numbers import number
from slas.wording import format_sign

LEAST_CUT = 3  # months of which a cap cut every credit
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Said:
    """One thing that the history says. `kind` and `code` name it; `number` is what its remedy sets, where it sets one."""

    kind: str
    code: str  # of the service level, or the name of the rule; empty of money
    name: str
    message: str
    number: Decimal | None = None


def said_of(history: History, terms: Mapping[str, Mapping[str, Any]] | None = None) -> list[Said]:
    """What the history says of the terms in force, or of others for the same service levels: full `terms` by code."""
    found: list[Said] = []
    for level in history.levels:
        given = level.terms if terms is None else terms.get(level.code)
        if given is not None:
            found += [*_low_volume(level, given), *_beside(level, given)]
    return [*found, *_money(history), *_rules(history)]


def _low_volume(level: LevelHistory, terms: Mapping[str, Any]) -> Iterator[Said]:
    """Whether one failing case in the usual volume already misses the first band."""
    at, percent = target_of(terms), level.measure["kind"] == "ratio" and level.measure["unit"] == "percent"
    if at is None or not percent or not level.volume or terms["allowance"]:
        return
    volume = level.volume * int(terms["rolling"])
    least = terms["minimum_volume"]
    if least is not None and Decimal(least) > volume:
        return
    one = HUNDRED / volume
    higher = terms["better"] == "higher"
    reached = HUNDRED - one if higher else one
    if (higher and reached < at <= HUNDRED) or (not higher and reached > at >= 0):
        message = (
            f"Usually {number(volume)} cases: one failure is {_short(reached, 1)}%, and {number(at)}% is missed. "
            "Allow for a failure, or set a least volume."
        )
        yield Said("volume", level.code, level.name, message)


def _beside(level: LevelHistory, terms: Mapping[str, Any]) -> Iterator[Said]:
    """A target that every period of the last year reached with room to spare, or none of them."""
    at, year = target_of(terms), level.year
    if at is None or len(year) < MINIMUM_VALUES:
        return
    higher, sign = terms["better"] == "higher", format_sign(level.measure)
    worst, best = (min(year), max(year)) if higher else (max(year), min(year))
    usual = assurance(
        level.values, terms["better"], at, unit=sign.strip(), bounds=bounds_of(level.measure, level.values)
    )
    tail = f" {usual.sentence}" if usual else ""
    spoken = f"{number(at)}{sign}"
    enough = _to_places(worst, at, higher)
    if (enough > at) if higher else (enough < at):
        message = f"The worst of the last {len(year)} values is {_short(worst, 2)}{sign}: {spoken} asks for less than is done.{tail}"
        yield Said("easy", level.code, level.name, message, enough)
    if (best < at) if higher else (best > at):
        message = (
            f"The best of the last {len(year)} values is {_short(best, 2)}{sign}: {spoken} was never reached.{tail}"
        )
        yield Said("hard", level.code, level.name, message, _to_places(best, at, higher))


def _short(value: Decimal, places: int) -> str:
    """At most so many decimals, and no zeros at the end."""
    return number(round(value, places).normalize())


def target_of(terms: Mapping[str, Any]) -> Decimal | None:
    """The edge of the first band; None of a range, and where there is no edge."""
    at = terms["bands"][0]["at"]
    return None if at is None or terms["better"] == "inside" else Decimal(at)


def _to_places(value: Decimal, at: Decimal, higher: bool) -> Decimal:
    """A value with as many decimals as the target has, rounded so that the value reaches it. What is less than a unit of these away from
    the target is no other target."""
    places = max(0, -int(at.normalize().as_tuple().exponent))
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_FLOOR" if higher else "ROUND_CEILING")


def _money(history: History) -> Iterator[Said]:
    if history.due >= LEAST_CUT and history.cut == history.due:
        message = (
            f"A cap cut the credit of each of the last {history.due} months with one: what is missed beyond it costs nothing. "
            "Raise the cap, or make a point worth less."
        )
        yield Said("cap", "", "Caps", message)


def _rules(history: History) -> Iterator[Said]:
    for rule, months in history.held.items():
        if history.judged >= MINIMUM_VALUES and months == history.judged:
            message = f"It held in each of the last {months} months, so that it says nothing new. Raise its number, or end it."
            yield Said("held", rule, rule, message)
