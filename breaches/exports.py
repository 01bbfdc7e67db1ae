"""The columns of the list of breaches, for a file; a row as `breaches.views.breaches.said_of` gives it."""

from lib.tables import Column, in_zone

COLUMNS = (
    Column("breach", "Breach", lambda row: row["title"]),
    Column("vendor", "Vendor", lambda row: row["breach"].vendor.name),
    Column("contract", "Contract", lambda row: row["breach"].contract.reference),
    Column("code", "Service level", lambda row: row["breach"].service_level.code),
    Column("name", "Name of service level", lambda row: row["breach"].service_level.name),
    Column("period", "Period", lambda row: row["when"]),
    Column("from", "Period from", lambda row: row["breach"].period.starts_on),
    Column("value", "Value", lambda row: row["result"].value if row["result"] else None),
    Column("reading", "Result", lambda row: row["reading"]),
    Column("points", "Penalty points", lambda row: row["result"].points if row["result"] else None),
    Column("state", "State", lambda row: row["breach"].stands),
    Column("opened", "Opened", lambda row: in_zone(row["breach"].opened_at, row["breach"].contract.timezone)),
    Column("acknowledged_by", "Acknowledged by", lambda row: row["breach"].acknowledged_by_name),
)
