"""The columns of the list of people, for a file; a row as `organisations.views.people` makes it."""

from lib.tables import Column

COLUMNS = (
    Column("name", "Name", lambda row: row["member"].name),
    Column("email", "E-mail", lambda row: row["member"].email),
    Column("role", "Role", lambda row: row["member"].get_role_display()),
    Column("vendor", "Vendor", lambda row: row["member"].vendor.name if row["member"].vendor else None),
    Column("factor", "Second factor", lambda row: row["factor"]),
    Column("seen", "Last seen (UTC)", lambda row: row["seen_at"]),
)
