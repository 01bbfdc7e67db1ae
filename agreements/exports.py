"""The columns of the list of contracts, for a file; a row as `agreements.views.contracts` makes it."""

from lib.tables import Column

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
