"""Exact numbers: reading, rounding and printing."""

from fractions import Fraction
from math import floor

# Decimal places of the minor unit (ISO 4217) where they are not two.
MINOR_UNITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


def exact(number):
    """A number of the contract or figures file (text, int, Decimal), digit for digit; blank or absent is 0."""
    return Fraction(str(number).strip() or "0") if number is not None else Fraction(0)


def half_up(number, places):
    """Round to `places` decimals; a half goes away from zero."""
    size = floor(abs(number) * 10**places + Fraction(1, 2))
    return Fraction(size if number >= 0 else -size, 10**places)


def truncated(number, places):
    """Cut after `places` decimals, towards zero."""
    size = floor(abs(number) * 10**places)
    return Fraction(size if number >= 0 else -size, 10**places)


def fixed(number, places):
    """The number as text with exactly `places` decimals, half up; None stays None."""
    if number is None:
        return None
    rounded = half_up(number, places)
    digits = str(abs(rounded.numerator) * 10**places // rounded.denominator).rjust(places + 1, "0")
    sign = "-" if rounded < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def plain(number):
    """The number as text with at most six decimals and no trailing zeros: points, factors, what a rule measured."""
    text = fixed(number, 6).rstrip("0").rstrip(".")
    return text or "0"


def minor_unit(currency):
    """How many decimals money in this currency has."""
    return MINOR_UNITS.get(currency, 2)
