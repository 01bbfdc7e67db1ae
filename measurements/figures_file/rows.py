"""Figures as typed rows, and the one check that makes rows of them.

Whatever figures come from (CSV, XLSX, the form, the API) gives its rows as `RawRow`: texts by column. `check_rows` is the only way from
there to a `FigureRow`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lib.names import one_name
from measurements.figures_file.beside import CONTROL, LOCAL_DAY, MONTH, RawRow, beside_one_another, shown
from measurements.figures_file.columns import COLUMNS, LONGEST, NEEDED, NUMBERS, RELIEVABLE
from measurements.figures_file.expected import Expectations, ExpectedLevel, ExpectedSlot
from measurements.figures_file.problems import BadFigures, FigureProblem, listed

KEYS = frozenset({"service_level", "part", "incident"})
PLAIN = re.compile(r"(?!-0+(\.0+)?\Z)-?[0-9]{1,12}(\.[0-9]{1,6})?")  # -0 is no amount
GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,6})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONG = re.compile(r"-?[0-9]{1,12}\.[0-9]{7,30}")
DOUBTFUL = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
Said = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure as it was reported. `period` is the first day of its period after the cut to the contract's term;
    numbers that were not given are None."""

    line: int
    service_level: str
    period: date
    part: str = ""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    downtime: Decimal | None = None
    maintenance: Decimal | None = None
    relieved: Decimal | None = None
    incident: str = ""
    note: str = ""


def check_rows(raws: Iterable[RawRow], contract: Expectations) -> list[FigureRow]:
    """The figures of the rows, in their order. BadFigures with every problem, by line and column, where anything is wrong with any."""
    rows, problems = sort_rows(raws, contract)
    if problems:
        raise BadFigures(listed(problems))
    return rows


def sort_rows(raws: Iterable[RawRow], contract: Expectations) -> tuple[list[FigureRow], list[FigureProblem]]:
    """The figures of the rows that are right, and what is wrong with the others, both in order."""
    raws = [replace(raw, cells=_named(raw.cells)) for raw in raws]
    problems = beside_one_another(raws)
    apart = {problem.line for problem in problems}
    figures: list[FigureRow] = []
    seen: dict[tuple[str, date, str], int] = {}
    for raw in raws:
        if raw.line in apart or LOCAL_DAY.fullmatch(raw.cells.get("period", "")):
            continue
        row, said = _checked(raw, contract)
        if row is not None:
            said = _repeated(row, seen)
        if row is not None and not said:
            figures.append(row)
        problems.extend(FigureProblem(raw.line, column, message) for column, message in said)
    return figures, sorted(problems, key=lambda one: one.line or 0)


def _named(cells: Mapping[str, str]) -> Mapping[str, str]:
    """The cells with what names something as it looks, so that parts and incidents that look the same are one."""
    return {column: one_name(text) if column in KEYS else text for column, text in cells.items()}


def _repeated(row: FigureRow, seen: dict[tuple[str, date, str], int]) -> list[tuple[str, str]]:
    key = (row.service_level, row.period, row.part)
    first = seen.setdefault(key, row.line)
    if first == row.line:
        return []
    part = f" and part {shown(row.part)}" if row.part else ""
    remedy = "give each part its own name" if row.part else "use `part` for several"
    message = (
        f"{row.service_level} has a figure for {row.period}{part} on line {first} already; remove one, or {remedy}"
    )
    return [("part" if row.part else "period", message)]


def _checked(raw: RawRow, contract: Expectations) -> tuple[FigureRow | None, list[tuple[str, str]]]:
    """The row, or None, and what is wrong with it as (column, message). `cells` are the texts by column."""
    cells = raw.cells
    said: list[tuple[str, str]] = list(_texts(cells))
    numbers = _numbers(cells, said)
    code = cells.get("service_level", "")
    level = contract.levels.get(code)
    slot = None
    if level is None:
        said.append(("service_level", _unknown_level(code, contract)))
    else:
        slot, message = _slot(cells.get("period", ""), level, contract)
        if message:
            said.append(("period", message))
        said.extend(_columns(level, cells))
        said.extend(_signs(level, numbers))
        said.extend(_doubts(level, raw))
        said.extend(_amounts(level, slot, numbers))
    if slot is not None:
        said.extend(_relief(code, slot, cells.get("part", ""), numbers, contract))
    if said or slot is None:
        return None, sorted(said, key=lambda entry: COLUMNS.index(entry[0]))
    given: dict[str, Any] = {column: cells.get(column, "") for column in LONGEST} | numbers
    return FigureRow(raw.line, code, slot.starts_on, **given), []


# Cells -----------------------------------------------------------------------------------------------------------


def _texts(cells: Mapping[str, str]) -> Said:
    for column, longest in LONGEST.items():
        text = cells.get(column, "")
        if len(text) > longest:
            yield column, f"has {len(text):,} characters; at most {longest:,} are kept"
        if CONTROL.search(text):
            yield column, "contains a control character; remove it"


def _numbers(cells: Mapping[str, str], said: list[tuple[str, str]]) -> dict[str, Decimal]:
    numbers = {}
    for column in NUMBERS:
        text = cells.get(column, "")
        if PLAIN.fullmatch(text):
            numbers[column] = Decimal(text)
        elif text:
            said.append((column, _not_plain(text)))
    return numbers


def _not_plain(text: str) -> str:
    return f"{shown(text)} is not a plain decimal number; {_remedy(text)}"


def _remedy(text: str) -> str:
    """How to write what was probably meant."""
    if LONG.fullmatch(text):
        rounded = Decimal(text).quantize(Decimal("1e-6"), ROUND_HALF_UP).normalize()
        return f"it has more than 6 decimals; write it rounded, {rounded:f}"
    if GROUPED.fullmatch(text):
        # One comma alone may stand for thousands or for decimals: whoever wrote it must say.
        decimal = (
            f", or {text.replace(',', '.')} if it is a decimal one" if PLAIN.fullmatch(text.replace(",", ".")) else ""
        )
        return f"leave out the comma of thousands, {text.replace(',', '')}{decimal}"
    for wrong, right, hint in (
        (",", ".", "write it with a point"),
        ("_", "", "leave out the underscore"),
        ("%", "", "leave out the sign"),
        ("-", "", "leave out the sign"),
    ):
        if wrong in text and PLAIN.fullmatch(better := text.replace(wrong, right).strip()):
            return f"{hint}, {better}"
    bare = "".join(letter for letter in text if unicodedata.category(letter) != "Sc").strip()
    if bare != text and PLAIN.fullmatch(bare):  # an amount of money
        return f"leave out the sign, {bare}"
    if PLAIN.fullmatch(better := "".join(text.split())):
        return f"leave out the space, {better}"
    return "write up to 12 digits, a point and up to 6 decimals"


# Service level and period ----------------------------------------------------------------------------------------


def _unknown_level(code: str, contract: Expectations) -> str:
    if not code:
        return "is missing; write the code of a service level"
    known = ", ".join(list(contract.levels)[:20]) or "none"
    return f"{shown(code)} is not a service level of this contract; it has: {known}"


def _slot(text: str, level: ExpectedLevel, contract: Expectations) -> tuple[ExpectedSlot | None, str]:
    day, message = _first_day(text, level)
    if day is None:
        return None, message
    slot = level.slots.get(day)
    if slot is not None and level.terms_from is not None and slot.starts_on < level.terms_from:
        return (
            None,
            f"{day} is before the first terms of {level.code}, which hold from {level.terms_from}; leave it out",
        )
    if slot is not None and level.ends_on is not None and slot.starts_on > level.ends_on:
        return None, f"{day} is after the last day of {level.code} ({level.ends_on}); leave it out"
    if slot is not None:
        return slot, ""
    if not contract.starts_on <= day <= contract.ends_on:
        return None, f"{day} is outside the contract, which runs from {contract.starts_on} to {contract.ends_on}"
    around = next((slot for slot in level.slots.values() if slot.starts_on <= day <= slot.ends_on), None)
    hint = f"write the first day of its period, {around.starts_on}" if around else "it lies in none of them"
    return None, f"{day} is not the first day of one of the periods of {level.code}; {hint}"


def _first_day(text: str, level: ExpectedLevel) -> tuple[date | None, str]:
    if not text:
        return None, "is missing; write the first day of the period, such as 2024-04-01"
    if MONTH.fullmatch(text):
        if level.every != "month":
            return None, f"{shown(text)} is a month, but {level.code} is not monthly; write the first day of the period"
        text += "-01"
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text), ""
        except ValueError:
            return None, f"{shown(text)} is not a day of the calendar"
    return None, f"{shown(text)} is not a date; write year, month and day, such as 2024-04-01"


# Columns and numbers ---------------------------------------------------------------------------------------------


def _columns(level: ExpectedLevel, cells: Mapping[str, str]) -> Said:
    """Every column that the measure needs, and no other."""
    measure = level.measure
    kind = measure["kind"]
    needed = NEEDED[kind]
    # Uptime looks at downtime alone; maintenance matters to it only if an allowance turns some of it into downtime.
    spared = kind == "availability" and measure["maintenance"] == "uptime" and not measure["maintenance_allowance"]
    if not any(cells.get(column) for column in NUMBERS):  # a line of the template that nobody filled in
        yield needed[0], f"is missing; write {' and '.join(needed)}, or remove the line"
        return
    for column in needed:
        if not cells.get(column) and not (spared and column == "maintenance"):
            yield column, f"is missing; a measure of kind {kind} needs {' and '.join(needed)}"
    allowed = (*needed, "relieved") if kind in RELIEVABLE else needed
    for column in NUMBERS:
        if cells.get(column) and column not in allowed:
            yield column, f"a measure of kind {kind} has no {column}; leave it empty"


def _signs(level: ExpectedLevel, numbers: dict[str, Decimal]) -> Said:
    kind = level.measure["kind"]
    for column, number in numbers.items():
        if number < 0 and not (kind == "value" and column == "value"):
            yield column, f"{number} must not be negative"
    if kind == "count" and "value" in numbers and numbers["value"] % 1:
        yield "value", f"{numbers['value']} is a count and must be a whole number"


def _doubts(level: ExpectedLevel, raw: RawRow) -> Said:
    """A point before three digits, where cases are counted and the writer's points may separate thousands."""
    if raw.local and level.measure["kind"] in ("ratio", "count"):
        for column in (*NEEDED[level.measure["kind"]], "relieved"):
            text = raw.cells.get(column, "")
            if DOUBTFUL.fullmatch(text):
                fewer = text.rstrip("0").rstrip(".")
                less = f"{fewer}" if fewer != text else f"{text}0"
                yield column, f"{shown(text)} may be {text.replace('.', '')} or {less}; write the one that is meant"


def _relief(code: str, slot: ExpectedSlot, part: str, numbers: dict[str, Decimal], contract: Expectations) -> Said:
    """What is relieved is what was granted: left empty it is filled in, and another amount is asked for, not typed."""
    if contract.granted is None:
        return
    granted = contract.granted.get((code, slot.starts_on, part))
    if "relieved" not in numbers:
        if granted:
            numbers["relieved"] = granted
    elif not contract.may_grant and numbers["relieved"] != (granted or 0):
        yield "relieved", not_granted(numbers["relieved"], granted)


def not_granted(relieved: Decimal, granted: Decimal | None) -> str:
    """Why an amount of relief is refused, and what to do."""
    so_far = f"{granted.normalize():f} was granted" if granted else "none was granted"
    return f"{relieved.normalize():f} relieved, but {so_far}. Ask for relief, and leave this empty until it is granted"


def _amounts(level: ExpectedLevel, slot: ExpectedSlot | None, numbers: dict[str, Decimal]) -> Said:
    """Parts do not exceed the whole."""
    measure = level.measure
    relieved = numbers.get("relieved")
    if measure["kind"] == "ratio" and numbers.get("denominator", -1) >= 0:
        numerator, denominator = numbers.get("numerator"), numbers["denominator"]
        if measure["unit"] == "percent" and numerator is not None and numerator > denominator:
            yield "numerator", f"the numerator {numerator} is above the denominator {denominator}; the unit is percent"
        if relieved is not None and relieved > denominator:
            yield "relieved", f"{relieved} relieved is more than the denominator {denominator}"
    if measure["kind"] == "availability" and slot is not None and slot.minutes is not None:
        yield from _minutes(slot.minutes, numbers)


def _minutes(most: int, numbers: dict[str, Decimal]) -> Said:
    """Relief may exceed the downtime of its part (it then takes all of it), but nothing exceeds the period."""
    downtime, maintenance = numbers.get("downtime", Decimal(0)), numbers.get("maintenance", Decimal(0))
    for column in ("downtime", "maintenance", "relieved"):
        if numbers.get(column, Decimal(0)) > most:
            yield column, f"{numbers[column]} is more than the minutes of the period, {most}"
    if downtime <= most and maintenance <= most and downtime + maintenance > most:
        yield "maintenance", f"with a downtime of {downtime} minutes it exceeds the {most} minutes of the period"
