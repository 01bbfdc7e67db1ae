"""The receipt of a month's figures as a document: what was handed over, by whom, when, and what happens next."""

from datetime import date
from typing import Any

from lib.templatetags.dates import format_day, format_moment, month_name
from measurements.models import Submission
from reporting.pages.handing_over import Receipt
from reporting.pages.submission_sheet import Row, Sheet

COLUMNS = [
    {"label": "Service level", "width": "1fr"},
    {"label": "Period"},
    {"label": "Reported", "align": "right"},
]


def receipt_document(
    submission: Submission, receipt: Receipt, sheet: Sheet, *, client: str, decide_by: date | None
) -> dict[str, Any]:
    """The data of templates/documents/receipt.typ. The clock is the active one, and named."""
    contract, month = submission.contract, month_name(submission.month)
    facts = [
        ("Submitted", ", ".join(part for part in (format_moment(receipt.at), receipt.lateness) if part)),
        ("By", receipt.by or "the system"),
        ("For", f"{contract.vendor.name}, to {client}"),
        ("Contract", f"{contract.reference}, {contract.title}"),
        ("Month", month if submission.revision == 1 else f"{month}, revision {submission.revision}"),
        ("Service levels", f"{sheet.done} of {len(sheet.rows)} reported"),
    ]
    if decide_by:
        facts.append(
            ("Accepted by itself", f"after {format_day(decide_by, weekday=True)}, without a decision until then")
        )
    return {
        "title": receipt.reference,
        "author": "Plumbline",
        "kicker": "Receipt of figures",
        "lead": f"{month}, {contract.vendor.name} for {client}",
        "foot": f"Receipt {receipt.reference}",
        "checksum": receipt.short_checksum,
        "facts": facts,
        "declared": "Declaration",
        "declaration": receipt.declaration,
        "note_head": "Why they were corrected" if submission.revision > 1 else "Note",
        "note": submission.reason,
        "figures_head": "Figures",
        "columns": COLUMNS,
        "rows": [cells for group in sheet.groups for cells in _group(group.name, group.rows)],
        "closing": f"SHA-256 of the figures when they were submitted: {receipt.checksum or 'none, they came from a machine'}",
    }


def _group(name: str, rows: list[Row]) -> list[Any]:
    head: dict[str, Any] = {"group": True, "cells": [name, "", ""]}
    lines = [line for row in rows for line in _lines(row)]
    return [head, *lines] if lines else []


def _lines(row: Row) -> list[Any]:
    """A line for each figure, with its note; one that is not reported says so."""
    notes, period = dict(row.notes), row.period.label
    named = {"text": row.level.name, "sub": row.level.code}
    if not row.figures:
        return [[named, period, "not reported"]]
    lines = []
    for part, text in row.reported:
        sub = " · ".join(word for word in (row.level.code, part, notes.get(part, "")) if word)
        lines.append([{"text": row.level.name, "sub": sub}, period, text])
    return lines
