"""The columns of the list of submissions of a month, for a file; a row as `reporting.views.submissions` makes it."""

from lib.tables import Column, in_zone

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
