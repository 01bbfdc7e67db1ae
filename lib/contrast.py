"""How well a text can be told from its ground: WCAG 2.2, success criterion 1.4.3."""

import re
from decimal import ROUND_DOWN, Decimal

COLOUR = re.compile(r"#[0-9a-f]{6}")
READABLE = Decimal("4.5")  # text of ordinary size


def contrast(one: str, other: str) -> Decimal:
    """The ratio of two colours such as #1c6b49, from 1 to 21, cut to two places so that none looks better than it is."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return ((light + Decimal("0.05")) / (dark + Decimal("0.05"))).quantize(Decimal("0.01"), ROUND_DOWN)


def lighter(one: str, other: str) -> bool:
    """Whether the one colour is lighter than the other."""
    return _luminance(one) > _luminance(other)


def _luminance(colour: str) -> Decimal:
    red, green, blue = (_linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue


def _linear(value: int) -> Decimal:
    share = Decimal(value) / 255
    return (
        share / Decimal("12.92")
        if share <= Decimal("0.04045")
        else ((share + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
    )
