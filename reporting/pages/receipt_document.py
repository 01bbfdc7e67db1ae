"""The receipt of a month's figures as a document: what was handed over, by whom, when, and what happens next."""

import re
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone

from lib.documents import as_pdf
from lib.templatetags.dates import format_day, format_moment, month_name
from measurements.models import Submission
from organisations.actions import settings_in_scope
from reporting.pages.handing_over import Receipt, decide_by_of, receipt_of
from reporting.pages.submission_sheet import Row, Sheet, sheet_of
from reporting.querysets import month_report

COLUMNS = [
    {"label": "Service level", "width": "1fr"},
    {"label": "Period"},
    {"label": "Reported", "align": "right"},
]


OF_SUBMISSION = re.compile(r"submissions/([0-9]+)/")  # where the notice of a receipt leads


class ReceiptFile(NamedTuple):
    name: str
    content: bytes


def receipt_file(submission: Submission, *, client: str, accept_after: int | None) -> ReceiptFile | None:
    """The receipt as PDF; None where the figures were never handed over, were withdrawn, or are changed again.

    `accept_after`: what the organisation does where the contract says nothing.
    """
    found = month_report(submission)
    sheet = sheet_of(submission, found, as_of=None)
    receipt = receipt_of(submission, found, sheet.due_on)
    if receipt is None:
        return None
    decide_by = decide_by_of(submission, sheet, accept_after)
    with timezone.override(submission.contract.timezone):  # what is late and what not is said by the contract's clock
        data = receipt_document(submission, receipt, sheet, client=client, decide_by=decide_by)
    return ReceiptFile(f"{receipt.reference.lower()}.pdf", as_pdf("receipt", data, at=receipt.at))


def receipt_of_notice(path: str, organisation: str) -> ReceiptFile | None:
    """The same for the notice that leads to `path`, in the scope of its organisation, of that name."""
    named = OF_SUBMISSION.fullmatch(path)
    found = Submission.objects.select_related("contract__vendor").filter(pk=int(named[1])).first() if named else None
    if found is None:
        return None
    return receipt_file(found, client=organisation, accept_after=settings_in_scope().accept_after)


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
