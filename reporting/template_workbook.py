"""The month as a workbook to fill in: what each figure is, its target and what was reported last, locked; the cells to enter are open.

The importer reads it back as any figures file; it skips the columns that are there for people (`FOR_PEOPLE`).
"""

import io
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import xlsxwriter
from django.db.models import Max
from xlsxwriter.utility import xl_range

from contracts.models import Contract, Period
from evaluation.models import Result
from explanations.thresholds import SIGNS, format_edge, target_of
from lib.formula_guard import guarded
from measurements.actions.expected import slots_of
from measurements.figures_file.columns import FOR_PEOPLE, LONGEST, NEEDED, NUMBERS
from measurements.wording import format_figure, format_sign
from organisations.models import Membership
from reporting.preview import parts_before
from slas.models import ServiceLevel, Terms

ENTERED = tuple(name for name in NUMBERS if name != "relieved")  # relief is granted, and nobody types it
EMPTY_ROWS = 40  # for further parts
WIDTHS = {"service_level": 14, "name": 38, "period": 12, "part": 20, "incident": 16, "note": 40}
HELP = {
    "numerator": "A number from 0 on, such as 98 or 98.5. Leave the cell empty where the figure comes later.",
    "part": "Only where a service level is reported by part, one row for each.",
}


class Line(NamedTuple):
    """One figure that is asked for. `known` are the cells for people, `needed` the numbers that it takes."""

    code: str
    period: date
    part: str
    known: tuple[str, ...]
    needed: tuple[str, ...]


def template_workbook(contract: Contract, month: date, by: Membership) -> bytes:
    """The XLSX of a contract's month."""
    lines = _lines(contract, month, by)
    used = [name for name in ENTERED if any(name in line.needed for line in lines)] or ["value"]
    columns = ["service_level", FOR_PEOPLE[0], "period", "part", *FOR_PEOPLE[1:], *used, "incident", "note"]
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _write(book, columns, lines)
    return out.getvalue()


def _lines(contract: Contract, month: date, by: Membership) -> list[Line]:
    """Six statements, whatever the number of figures."""
    slots = slots_of(contract).ending_in(month)
    terms = _terms(slots)
    earlier = Result.objects.filter(contract=contract, month__lt=month, value__isnull=False)
    latest = earlier.order_by().values("service_level").annotate(last=Max("starts_on"))
    last = {pair["service_level"]: pair["last"] for pair in latest}
    values = {
        one.service_level_id: one.value
        for one in earlier.filter(starts_on__in=set(last.values())).defer("trace")
        if last[one.service_level_id] == one.starts_on
    }
    parts = parts_before(contract, month, by)
    made = []
    for level, period in slots:
        unit, known = format_sign(level.measure.get("unit") or ""), terms.get((level.pk, period.pk))
        full = known.full if known else {}
        target = format_edge(target_of(full), SIGNS[full["better"]], unit) if full else ""
        value = values.get(level.pk)
        shown = (level.name, unit, target or "", "" if value is None else format_figure(round(value, 4)))
        needed = NEEDED[level.measure["kind"]]
        made += [Line(level.code, period.starts_on, part, shown, needed) for part in parts.get(level.pk, [""])]
    return made


def _terms(slots: Iterable[tuple[ServiceLevel, Period]]) -> dict[tuple[int, int], Terms]:
    """The terms of each slot, in force on its first day. One statement."""
    slots = list(slots)
    versions = list(Terms.objects.filter(service_level__in={level.pk for level, _ in slots}))
    return {
        (level.pk, period.pk): one
        for level, period in slots
        for one in versions
        if one.service_level_id == level.pk and period.starts_on in one.valid
    }


def _write(book: Any, columns: list[str], lines: list[Line]) -> None:
    sheet = book.add_worksheet("Figures")
    head = book.add_format({"bold": True, "bottom": 1, "locked": True})
    fixed = book.add_format({"num_format": "@", "locked": True, "font_color": "#444444"})
    text = book.add_format(
        {"num_format": "@", "locked": False, "bg_color": "#FFF9E5", "border": 1, "border_color": "#CCCCCC"}
    )
    number = book.add_format({"locked": False, "bg_color": "#FFF9E5", "border": 1, "border_color": "#CCCCCC"})
    none = book.add_format({"locked": True, "bg_color": "#EEEEEE"})
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, head)
        sheet.set_column(place, place, WIDTHS.get(name, 13))
    for row, line in enumerate(lines, start=1):
        known = {
            "service_level": line.code,
            "period": line.period.isoformat(),
            "part": guarded(line.part) if line.part.startswith("'") else line.part,
        }
        known |= dict(zip(FOR_PEOPLE, line.known, strict=True))
        for place, name in enumerate(columns):
            if name in known:
                sheet.write_string(row, place, known[name], fixed)
            elif name in NUMBERS:
                sheet.write_blank(row, place, None, number if name in line.needed else none)
            else:
                sheet.write_blank(row, place, None, text)
    after = len(lines) + 1
    for row in range(after, after + EMPTY_ROWS):
        for place, name in enumerate(columns):
            free = number if name in NUMBERS else text
            sheet.write_blank(row, place, None, none if name in FOR_PEOPLE else free)
    _validate(sheet, columns, after + EMPTY_ROWS - 1)
    sheet.freeze_panes(1, 2)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True, "format_rows": True})


def _validate(sheet: Any, columns: list[str], last: int) -> None:
    """What a cell takes is said when it is entered; the importer checks it again."""
    for place, name in enumerate(columns):
        cells = xl_range(1, place, last, place)
        if name in NUMBERS:
            rule: dict[str, Any] = {"validate": "decimal", "criteria": ">=", "value": -1e12 if name == "value" else 0}
            rule |= {"error_title": "No number", "error_message": HELP["numerator"]}
            sheet.data_validation(cells, rule)
        elif name in LONGEST:
            most = min(LONGEST[name], 255)
            rule = {"validate": "length", "criteria": "<=", "value": LONGEST[name], "error_title": "Too long"}
            rule |= {"error_message": f"At most {most} characters fit."} if most == LONGEST[name] else {}
            sheet.data_validation(cells, rule | ({"input_message": HELP["part"]} if name == "part" else {}))
