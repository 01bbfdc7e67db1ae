"""Numbers, units, thresholds and counts as sentences about a judgement say them."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from typing import Any

from lib.templatetags.money import format_amount
from lib.templatetags.numbers import format_decimal

SHOWN = 6  # decimals; what has more ends in an ellipsis
WIDE = Context(prec=200)  # points that do not end have 48 decimals, values 54
ELLIPSIS = "…"
SIGNS = {"higher": "≥", "lower": "≤"}
WORST = {"higher": "below", "lower": "above"}


def format_number(value: Decimal | Fraction | int, places: int | None = None, *, uncut: int = SHOWN) -> str:
    """Grouped digits, 44,640 or 99.03. Without `places` up to `uncut` decimals, cut and not rounded, with an ellipsis where more follow:
    98.9999996 is never written like a threshold that it does not reach."""
    exact = _decimal(value)
    if places is not None:
        short = format_decimal(exact, places)
        return short.rstrip("0").rstrip(".") if "." in short else short
    cut = exact.quantize(Decimal(1).scaleb(-uncut), ROUND_DOWN, WIDE)
    return format_decimal(cut, None) + (ELLIPSIS if cut != exact else "")


def format_stated(value: Decimal | str) -> str:
    """A number of the contract with all its decimals, 99.999999999: nobody agreed on fewer."""
    return format_decimal(Decimal(value), None)


def format_value(value: Decimal | Fraction | int, terms: dict[str, Any], unit: str) -> str:
    """A value with its unit, and with as many decimals as the thresholds of its terms have, so that it can be told from them."""
    uncut = max([SHOWN, *(-int(Decimal(at).as_tuple().exponent) for at in _thresholds(terms))])
    return format_number(value, uncut=uncut) + format_unit(unit)


def _thresholds(terms: dict[str, Any]) -> Iterator[str]:
    for band in terms["bands"]:
        step = band.get("per_step") or {}
        numbers = (band.get("at"), band.get("low"), band.get("high"), step.get("from"))
        yield from (at for at in numbers if at is not None)


def _decimal(value: Decimal | Fraction | int) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)


def format_money(value: Decimal, currency: str, minor_unit: int) -> str:
    """An amount with the currency's minor unit, or with as many decimals as it has: £1,000.00, £0.333."""
    have = -int(value.normalize().as_tuple().exponent)
    return format_amount(value, currency, min(max(minor_unit, have), SHOWN))


def format_unit(unit: str) -> str:
    """How a unit follows a number: 99.03%, 4.2 minutes; nothing where there is none."""
    return "" if not unit else "%" if unit in ("percent", "%") else f"\u00a0{unit}"


def format_count(count: Decimal | int, one: str, many: str = "") -> str:
    """1 point, 2 points, 0.5 points."""
    return f"{format_number(count)} {one if count == 1 else many or one + 's'}"


def describe_threshold(better: str, bands: list[dict[str, Any]], at: int, unit: str = "") -> str:
    """What a band takes, in words: ≥ 99%, within 75 and 85%, and for the last one what is left."""
    sign = format_unit(unit)
    band, last = bands[at], at == len(bands) - 1
    if not last and better == "inside":
        return f"within {format_stated(band['low'])} and {format_stated(band['high'])}{sign}"
    if not last:
        return f"{SIGNS[better]} {format_stated(band['at'])}{sign}"
    if at == 0:
        return "any value"
    before = bands[at - 1]
    if better == "inside":
        return f"outside {format_stated(before['low'])} and {format_stated(before['high'])}{sign}"
    return f"{WORST[better]} {format_stated(before['at'])}{sign}"
