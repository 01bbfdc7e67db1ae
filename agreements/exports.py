"""The columns of the lists of contracts and of revisions, for files; a contract's row as `agreements.views.contracts` makes it."""

from lib.tables import Column, in_zone

COLUMNS = (
    Column("vendor", "Vendor", lambda row: row["contract"].vendor.name),
    Column("vendor_code", "Vendor code", lambda row: row["contract"].vendor.code),
    Column("reference", "Reference", lambda row: row["contract"].reference),
    Column("title", "Contract", lambda row: row["contract"].title),
    Column("from", "From", lambda row: row["contract"].starts_on),
    Column("to", "To", lambda row: row["contract"].ends_on),
    Column("currency", "Currency", lambda row: row["contract"].currency),
    Column("charges", "Charges this month", lambda row: row["charge"]),
    Column("due", "Figures due", lambda row: row["due"]),
    Column("levels", "Service levels", lambda row: row["aligned"].levels),
    Column("kras", "Key result areas", lambda row: row["aligned"].kras),
    Column("idle", "Service levels without key result area", lambda row: row["aligned"].idle),
    Column("unserved", "Key result areas without service level", lambda row: row["aligned"].unserved),
)

# Of a `agreements.pages.revision.Row`.
REVISIONS = (
    Column("title", "Revision", lambda row: row.title),
    Column("number", "Number", lambda row: row.revision.number),
    Column("vendor", "Vendor", lambda row: row.revision.contract.vendor.name),
    Column("contract", "Contract", lambda row: row.revision.contract.reference),
    Column("state", "State", lambda row: row.revision.get_status_display()),
    Column("in_force", "In force from", lambda row: row.effective_on),
    Column("impact", "What it would have meant", lambda row: row.impact),
    Column("next", "Next", lambda row: row.next),
    Column("begun", "Begun", lambda row: in_zone(row.revision.created_at, row.revision.contract.timezone)),
)
