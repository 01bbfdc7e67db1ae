"""Cells of heat maps, which are HTML tables with a number in every cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from lib.formats import Formats, active
from lib.templatetags.numbers import Number, exact, number

# Heat classes, best first; a score below the last one is "bad". Bands are an organisation's data, this is the default.
BANDS: tuple[tuple[Number, str], ...] = ((95, "top"), (88, "ok"), (80, "low"), (70, "poor"))


@dataclass(frozen=True)
class Heat:
    """One cell of a heat map: CSS classes, the short text in it, and what is read out after it. Its row and column have heads."""

    css: str
    text: str
    note: str


def heat_class(value: Number | None, bands: Sequence[tuple[Number, str]] = BANDS) -> str:
    """The heat class of a score: the first band it reaches (inclusive), "bad" below all, "none" without a value."""
    if value is None:
        return "none"
    return next((name for at, name in bands if value >= at), "bad")


def rounded(value: Number | None, places: int) -> Decimal | None:
    """Half up, as `number` writes it."""
    decimal = exact(value)
    return None if decimal is None else decimal.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def heat_cell(
    value: Number | None,
    bands: Sequence[tuple[Number, str]] = BANDS,
    places: int = 0,
    note: str = "",
    flipped: bool = False,
) -> Heat:
    """A heat cell for `{% heat_row %}`. The class follows what is shown: the same number has the same colour in each row.

    `note` is read out after the value ("provisional"), `flipped` rings a changed month.
    """
    return _heat_cell(value, bands, places, note, flipped, active())


@lru_cache(4096)  # a portfolio has hundreds, and the same ones again when it is looked at again
def _heat_cell(
    value: Number | None, bands: Sequence[tuple[Number, str]], places: int, note: str, flipped: bool, formats: Formats
) -> Heat:
    css = f"h-{heat_class(rounded(value, places), bands)}{' h-flip' if flipped else ''}{' h-open' if note else ''}"
    said = ["no data" if value is None else "", note]
    return Heat(css, number(value, places), ", ".join(text for text in said if text))
