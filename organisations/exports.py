"""The columns of the tables of these pages, for files."""

from django.utils.timezone import localdate

from lib.tables import Column

# Somebody, as `organisations.views.people` makes the row.
COLUMNS = (
    Column("name", "Name", lambda row: row["member"].name),
    Column("email", "E-mail", lambda row: row["member"].email),
    Column("role", "Role", lambda row: row["member"].get_role_display()),
    Column("vendor", "Vendor", lambda row: row["member"].vendor.name if row["member"].vendor else None),
    Column("factor", "Second factor", lambda row: row["factor"]),
    Column("seen", "Last seen (UTC)", lambda row: row["seen_at"]),
)

# An API key, as `organisations.views.keys` makes its row. Nothing of its secret.
KEYS = (
    Column("name", "Name", lambda row: row["key"].name),
    Column("prefix", "Begins with", lambda row: f"plb_{row['key'].prefix}"),
    Column("vendor", "Vendor", lambda row: row["key"].vendor.name if row["key"].vendor else None),
    Column("may", "May", lambda row: row["scope"]),
    Column("owner", "Owner", lambda row: row["key"].owner.name),
    Column("ends", "Ends", lambda row: localdate(row["key"].revoked_at or row["key"].expires_at)),
    Column("revoked", "Revoked", lambda row: "yes" if row["key"].revoked_at else ""),
    Column("used", "Last used", lambda row: row["last_used_at"] and localdate(row["last_used_at"])),
)
