"""Money for people: amounts are Decimal in major units, currencies ISO 4217 codes; Babel knows signs and places."""

from decimal import Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, get_currency_symbol
from django import template
from django.utils.html import format_html

from lib.templatetags.numbers import MINUS, NO_VALUE, exact, format_decimal

register = template.Library()

LOCALE = "en_GB"
SHORT = ((Decimal(1_000_000_000), "bn"), (Decimal(1_000_000), "m"), (Decimal(1_000), "k"))


@lru_cache(256)
def sign_of(currency: str) -> str:
    """£, US$, or KWD with a space that does not break."""
    symbol = get_currency_symbol(currency, LOCALE)
    return f"{symbol}\u00a0" if symbol[-1:].isalpha() else symbol


def format_amount(value: Decimal, currency: str, places: int | None = None) -> str:
    """£1,148,200.00 with the currency's own minor units, or with `places` of them; true minus before the sign."""
    digits = get_currency_precision(currency) if places is None else places
    text = format_decimal(abs(value), digits)
    return f"{MINUS if value < 0 and text.strip('0.,') else ''}{sign_of(currency)}{text}"


def format_short_amount(value: Decimal, currency: str) -> str:
    """Three digits or so for a summary: £84.2k, £1.15m, £912, −£3.4k."""
    size = abs(value)
    for unit, letter in SHORT:
        # 999,950 would be written 1,000k: it belongs to the next unit.
        if size >= unit * (Decimal("0.99995") if unit > 1000 else 1):
            part = size / unit
            places = 2 if part < 10 and unit > 1000 else 1 if part < 100 else 0
            return f"{MINUS if value < 0 else ''}{sign_of(currency)}{format_decimal(part, places)}{letter}"
    return format_amount(value, currency, 0 if size == size.to_integral_value() else None)


@register.filter
def money(value: object, currency: str = "") -> str:
    """`{{ x|money:"GBP" }}`: no minor units above 1,000, in full below; no value → –."""
    decimal = exact(value)
    if decimal is None:
        return NO_VALUE
    return format_amount(decimal, currency, 0 if abs(decimal) >= 1000 else None)


@register.filter
def money_exact(value: object, currency: str = "") -> str:
    """Always with the currency's minor units, for ledgers and credits."""
    decimal = exact(value)
    return NO_VALUE if decimal is None else format_amount(decimal, currency)


@register.simple_tag
def money_short(value: object, currency: str) -> str:
    """`{% money_short x "GBP" %}`: £84.2k with the full amount in the title."""
    decimal = exact(value)
    if decimal is None:
        return NO_VALUE
    return format_html(
        '<span class="nowrap" title="{}">{}</span>',
        format_amount(decimal, currency),
        format_short_amount(decimal, currency),
    )
