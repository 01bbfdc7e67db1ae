"""The columns of the tables of these pages, for files."""

from typing import Any

from lib.status_styles import style_for
from lib.tables import Column, in_zone

# A group and a row of a submission's figures (`reporting.pages`), and whether the submission is still open.
FIGURES = (
    Column("kra", "Key result area", lambda row: row[0].name),
    Column("code", "Service level", lambda row: row[1].level.code),
    Column("name", "Name of service level", lambda row: row[1].name),
    Column("before", "Last result", lambda row: row[1].previous.value if row[1].previous else None),
    Column("reported", "Reported", lambda row: _reported(row[1])),
    Column("result", "Result", lambda row: row[1].result.value if row[1].result else None),
    Column("status", "Status", lambda row: style_for(row[1].result.outcome).word if row[1].result else ""),
    Column("state", "State", lambda row: "No figure" if not row[1].figures else "Reported" if row[2] else "Closed"),
)


def _reported(row: Any) -> str:
    return "; ".join(f"{part}: {text}" if part else text for part, text in row.reported)


# A month that a vendor has to report, as `reporting.pages.month_tasks` makes it.
TASKS = (
    Column("month", "Month", lambda row: row["month"]),
    Column("contract", "Contract", lambda row: row["contract"].reference),
    Column("title", "Title", lambda row: row["contract"].title),
    Column("state", "State", lambda row: row["word"]),
    Column("due", "Due", lambda row: row["due_on"]),
    Column("there", "Figures there", lambda row: row["there"]),
    Column("expected", "Figures expected", lambda row: row["expected"]),
    Column("reason", "Sent back because", lambda row: row["reason"]),
)
# A contract with its latest scorecard or None.
CARDS = (
    Column("contract", "Contract", lambda row: row["contract"].title),
    Column("reference", "Reference", lambda row: row["contract"].reference),
    Column("month", "Month", lambda row: row["card"] and row["card"].month),
    Column("score", "Score", lambda row: row["card"] and row["card"].score),
    Column("coverage", "Weight measured, percent", lambda row: row["card"] and round(row["card"].coverage, 1)),
    Column("grade", "Grade", lambda row: row["card"] and row["card"].grade),
    Column("edition", "Published edition", lambda row: row["edition"] and row["edition"].edition),
)

# A revision of a contract's month, its look in three parts, and its reason.
REVISIONS = (
    Column("month", "Month", lambda row: row[0].month),
    Column("revision", "Revision", lambda row: row[0].revision),
    Column("reason", "Reason", lambda row: row[4]),
    Column("state", "State", lambda row: row[3]),
    Column("submitted", "Submitted", lambda row: in_zone(row[0].submitted_at, row[0].contract.timezone)),
    Column("by", "Submitted by", lambda row: row[0].submitted_by_name),
    Column("decided", "Decided", lambda row: in_zone(row[0].decided_at, row[0].contract.timezone)),
    Column("decided_by", "Decided by", lambda row: row[0].decided_by_name),
)

# A month of a contract in the list of submissions, as `reporting.views.submissions` makes it.
COLUMNS = (
    Column("vendor", "Vendor", lambda row: row["contract"].vendor.name),
    Column("contract", "Contract", lambda row: row["contract"].reference),
    Column("title", "Title", lambda row: row["contract"].title),
    Column("month", "Month", lambda row: row["state"].month),
    Column("state", "State", lambda row: row["word"]),
    Column("submitted", "Figures submitted", lambda row: row["there"]),
    Column("expected", "Figures expected", lambda row: row["state"].expected),
    Column("due", "Due", lambda row: row["state"].due_on or row["state"].last_due_on),
    Column("at", "Submitted at", lambda row: in_zone(row["state"].submitted_at, row["contract"].timezone)),
    Column("by", "Submitted by", lambda row: row["by"]),
)
