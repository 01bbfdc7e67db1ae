"""Figures as JSON: the thin way from a call's body to rows of figures."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from measurements.figures_file import COLUMNS, NUMBERS, BadFigures, FigureProblem, RawRow

MOST_ROWS = 20_000


def raw_rows(given: Any) -> list[RawRow]:
    """The rows of `figures`, numbered from 1. BadFigures, with the place and the remedy, for what is no list of rows.

    Whole numbers and decimals may stand as JSON numbers, which are read exactly; codes, parts and notes are texts: 007 as a number is 7.
    """
    if not isinstance(given, list) or not given:
        raise _refused(None, "", "give a list of rows in `figures`, one for each figure")
    if len(given) > MOST_ROWS:
        raise _refused(None, "", f"{len(given):,} rows; at most {MOST_ROWS:,} are taken at once, split them")
    return [RawRow(number, _cells(number, row)) for number, row in enumerate(given, start=1)]


def _cells(number: int, row: Any) -> dict[str, str]:
    if not isinstance(row, Mapping):
        raise _refused(number, "", "give an object with service_level, period and numbers")
    unknown = [str(name)[:40] for name in row if name not in COLUMNS]
    if unknown:
        known = ", ".join(COLUMNS)
        raise _refused(number, unknown[0], f"there is no such field; there are {known}")
    return {name: _text(number, name, value) for name, value in row.items() if value is not None}


def _text(number: int, name: str, value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if name in NUMBERS and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    kind = "a number or a text" if name in NUMBERS else "a text in quotes"
    raise _refused(number, name, f"write {kind}")


def _refused(number: int | None, name: str, message: str) -> BadFigures:
    return BadFigures([FigureProblem(number, name, message)])
