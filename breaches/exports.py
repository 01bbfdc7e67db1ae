"""The columns of the lists of breaches and of triggered rules, for files; a row as `said_of` of their views gives it."""

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

TRIGGERED = (
    Column("rule", "Rule", lambda row: row["consequence"].rule),
    Column("follows", "What follows", lambda row: row["follows"].name),
    Column("vendor", "Vendor", lambda row: row["consequence"].contract.vendor.name),
    Column("contract", "Contract", lambda row: row["consequence"].contract.reference),
    Column(
        "code", "Service level", lambda row: row["consequence"].service_level and row["consequence"].service_level.code
    ),
    Column("counted", "Counted", lambda row: row["counted"]),
    Column("since", "Since", lambda row: row["consequence"].since),
    Column("until", "Can be used until", lambda row: row["consequence"].usable_until),
    Column("state", "State", lambda row: row["consequence"].get_status_display()),
)
