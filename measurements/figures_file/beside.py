"""Rows beside one another: what each of them says may be right, and what they say together is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from measurements.figures_file.problems import FigureProblem

# What spreadsheets call the line below their parts: English, German, French, Italian, Spanish, Portuguese, Dutch, Polish, Swedish.
TOTALS = frozenset(
    name
    for names in (
        "total, totals, grand total, subtotal, sub total, sum, all, overall",
        "gesamt, gesamtsumme, insgesamt, summe, alle, total général, somme, tous, totale, somma, suma, soma",
        "totaal, som, razem, łącznie, totalt, summa",
    )
    for name in names.split(", ")
)
LOCAL_DAY = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One figure as it came: texts by column. `line` is the line of a file, or the place in a list from 1 on; `local` says that a person
    or a program of theirs wrote the numbers, so that 1.500 may be fifteen hundred."""

    line: int
    cells: Mapping[str, str]
    local: bool = False


def beside_one_another(raws: list[RawRow]) -> list[FigureProblem]:
    """What is wrong with several rows together."""
    return [*_local_days(raws), *_totals(raws), *_capitals(raws)]


def shown(text: str) -> str:
    """A cell inside a message."""
    text = CONTROL.sub("?", text)
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def _local_days(raws: list[RawRow]) -> list[FigureProblem]:
    """One thing to say about days that a spreadsheet program saved in its own form, however many there are."""
    found = [raw for raw in raws if LOCAL_DAY.fullmatch(raw.cells.get("period", ""))]
    if not found:
        return []
    more = f", like {len(found) - 1} more," if len(found) > 1 else ""
    first = found[0].cells["period"]
    message = f"{shown(first)}{more} is a day in a local form; write year, month and day, such as 2024-04-01"
    return [FigureProblem(found[0].line, "period", message)]


def _totals(raws: list[RawRow]) -> list[FigureProblem]:
    """A part that is called total beside the parts that it is the total of would be counted twice."""
    parts: dict[tuple[str, str], set[str]] = {}
    for raw in raws:
        parts.setdefault(_slot_named(raw), set()).add(raw.cells.get("part", "").casefold())
    message = "{} stands beside its parts and would be counted twice; remove the line, or name the part otherwise"
    return [
        FigureProblem(raw.line, "part", message.format(shown(raw.cells["part"])))
        for raw in raws
        if " ".join(re.findall(r"\w+", raw.cells.get("part", "").casefold())) in TOTALS
        and len(parts[_slot_named(raw)]) > 1
    ]


def _slot_named(raw: RawRow) -> tuple[str, str]:
    """The service level and the period, of a monthly one in either way of writing it."""
    period = raw.cells.get("period", "")
    return raw.cells.get("service_level", ""), f"{period}-01" if MONTH.fullmatch(period) else period


def _capitals(raws: list[RawRow]) -> list[FigureProblem]:
    """Parts of a slot, and incidents, that differ in capitals alone: which they are is not guessed, since each of two would count."""
    problems = []
    seen: dict[tuple[str, ...], tuple[int, str]] = {}
    for raw in raws:
        for column, where in (("part", _slot_named(raw)), ("incident", ())):
            name = raw.cells.get(column, "")
            line, first = seen.setdefault((column, *where, name.casefold()), (raw.line, name))
            if name != first:
                message = f"{shown(name)} is written {shown(first)} on line {line}; write one like the other, or name it otherwise"
                problems.append(FigureProblem(raw.line, column, message))
    return problems
