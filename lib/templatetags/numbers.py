"""Numbers for people: fixed places, grouping, a true minus, and an en dash where there is no value.

Values are Decimal, int, float or None. Rounding is half up, away from zero, as on an invoice. Nothing here is ever
blank, and a missing value is never 0.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from django import template
from django.utils.html import format_html

from lib.formats import Formats, active

register = template.Library()

MINUS = "\u2212"
NO_VALUE = "\u2013"
Number = Decimal | int | float


def exact(value: object) -> Decimal | None:
    """`value` as a Decimal; None when it is no finite number."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        decimal = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return decimal if decimal.is_finite() else None


def format_decimal(value: Decimal, places: int | None) -> str:
    """Grouped digits with a true minus, in the formats that are active. `places` None keeps the digits that matter: 78.50 → 78.5."""
    if places is None:
        text = f"{value:,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        text = f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,f}"
    if text.lstrip("-0.,") == "":
        text = text.lstrip("-")
    return active().number(text.replace("-", MINUS))


def to_places(places: object) -> int | None:
    """A filter's argument as a number of places; empty or None means "as many as matter"."""
    return None if places in (None, "") else int(str(places))


# Pages write the same numbers again and again; `typed`, since True equals 1 and is no number.
@register.filter
def number(value: object, places: object = None) -> str:
    """`{{ x|number:1 }}` → 1,234.5; `{{ x|number }}` drops zeros at the end; no value → –."""
    return _number(value, places, active())


@lru_cache(8192, typed=True)
def _number(value: object, places: object, formats: Formats) -> str:
    decimal = exact(value)
    return NO_VALUE if decimal is None else format_decimal(decimal, to_places(places))


@register.filter
def percent(value: object, places: object = 1) -> str:
    """A value that is already on the scale of 100: `{{ 95.25|percent }}` → 95.3%."""
    decimal = exact(value)
    return NO_VALUE if decimal is None else f"{format_decimal(decimal, to_places(places))}%"


@register.filter
def share(value: object, places: object = 0) -> str:
    """A share between 0 and 1 as a percentage: `{{ 0.85|share }}` → 85%."""
    decimal = exact(value)
    return NO_VALUE if decimal is None else f"{format_decimal(decimal * 100, to_places(places))}%"


@register.filter
def signed(value: object, places: object = None) -> str:
    """With its sign: +1.5, −0.3, 0. No value → –."""
    decimal = exact(value)
    if decimal is None:
        return NO_VALUE
    text = format_decimal(decimal, to_places(places))
    return f"+{text}" if decimal > 0 and text.strip("0.,") else text


@register.filter
def dash(value: object) -> object:
    """Any value, or an en dash where there is none. 0 is a value."""
    return NO_VALUE if value is None or value == "" else value


@register.simple_tag
def measured(value: object, unit: str = "", places: int | None = None) -> str:
    """A figure with its unit: 95.3%, 19 seconds, £1,200; no value is an en dash without unit.

    `unit` "%" is set tight, every other unit follows after a space.
    """
    decimal = exact(value)
    if decimal is None:
        return NO_VALUE
    text = format_decimal(decimal, places)
    if not unit:
        return text
    return f"{text}%" if unit == "%" else format_html("{}\u00a0{}", text, unit)


@register.simple_tag
def delta(value: object, places: int = 1, large: object = None, better: str = "higher") -> str:
    """A change with an arrow for its direction, `{% delta change 1 large=2 better="lower" %}`.

    Colour says goodness and appears only when the change is at least `large` (None: never).
    """
    return _delta(value, places, large, better, active())


@lru_cache(8192, typed=True)
def _delta(value: object, places: int, large: object, better: str, formats: Formats) -> str:
    decimal = exact(value)
    if decimal is None:
        return format_html('<span class="faint">{}</span>', NO_VALUE)
    text = format_decimal(abs(decimal), places)
    if not text.strip("0.,"):
        return format_html('<span class="faint">{}</span>', "0")
    rises, limit = decimal > 0, exact(large)
    css = "delta"
    if limit is not None and abs(decimal) >= limit and better in ("higher", "lower"):
        css += " delta--up" if rises == (better == "higher") else " delta--down"
    way = "up" if rises else "down"
    return format_html(
        '<span class="{}"><svg class="tri" aria-hidden="true"><use href="#g-tri-{}"/></svg>'
        '<span class="vh">{} </span>{}</span>',
        css,
        way,
        way,
        text,
    )


ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def format_ordinal(count: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    return f"{count}{'th' if count % 100 in (11, 12, 13) else ORDINALS.get(count % 10, 'th')}"
