"""The columns of a ledger, for a file; a row is a `credits.statement.Entry`."""

from decimal import Decimal

from lib.tables import Column


def columns(places: int) -> list[Column]:
    """`places` are the decimal places of the contract's currency; no entry has more."""

    def amount(value: Decimal) -> Decimal:
        return round(value, places)

    return [
        Column("month", "Month", lambda row: row.row.month),
        Column("books", "Posted in", lambda row: row.row.posted_in),
        Column("entry", "Entry", lambda row: row.row.get_kind_display()),
        Column("amount", "Amount", lambda row: amount(row.row.amount)),
        Column("capped", "Not charged because of the cap", lambda row: amount(row.row.capped_amount)),
        Column("balance", "Balance", lambda row: amount(row.balance)),
        Column("reference", "Invoice", lambda row: row.row.reference),
        Column("reason", "Reason", lambda row: row.row.reason),
    ]
