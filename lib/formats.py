"""How numbers and days are written on the pages of an organisation and in its letters: its setting, active while one of its requests or
tasks runs.

What is typed, files and the API keep one form: a point before the decimals, days as 2026-11-09.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import TextChoices

NARROW_SPACE = "\u202f"


class NumberStyle(TextChoices):
    """Named by its signs: between thousands, before decimals."""

    COMMA_POINT = "comma_point", "1,234.50"
    POINT_COMMA = "point_comma", "1.234,50"
    SPACE_COMMA = "space_comma", "1 234,50"


class DayStyle(TextChoices):
    DAY_FIRST = "day_first", "9 Nov 2026"
    MONTH_FIRST = "month_first", "Nov 9, 2026"
    YEAR_FIRST = "year_first", "2026-11-09"


SIGNS = {
    NumberStyle.POINT_COMMA.value: str.maketrans({",": ".", ".": ","}),
    NumberStyle.SPACE_COMMA.value: str.maketrans({",": NARROW_SPACE, ".": ","}),
}


@dataclass(frozen=True)
class Formats:
    numbers: str = NumberStyle.COMMA_POINT.value
    days: str = DayStyle.DAY_FIRST.value

    def number(self, text: str) -> str:
        """Digits that are written 1,234.50, in this style."""
        signs = SIGNS.get(self.numbers)
        return text.translate(signs) if signs else text


USUAL = Formats()
_active: ContextVar[Formats | Callable[[], Formats]] = ContextVar("plumbline_formats", default=USUAL)


def active() -> Formats:
    found = _active.get()
    if not isinstance(found, Formats):
        found = found()
        _active.set(found)
    return found


@contextmanager
def override(formats: Formats | Callable[[], Formats]) -> Iterator[None]:
    """Write in these while the block runs; a function is asked when the first number or day is written, if any is."""
    token = _active.set(formats)
    try:
        yield
    finally:
        _active.reset(token)
