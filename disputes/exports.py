"""The columns of the list of disputes and relief, for a file; a row as `disputes.views.hearings` makes it."""

from lib.tables import Column, in_zone

COLUMNS = (
    Column("kind", "Kind", lambda row: row["what"]),
    Column("vendor", "Vendor", lambda row: row["hearing"].vendor.name),
    Column("contract", "Contract", lambda row: row["hearing"].contract.reference),
    Column("code", "Service level", lambda row: row["hearing"].service_level.code),
    Column("name", "Name of service level", lambda row: row["hearing"].service_level.name),
    Column("month", "Month", lambda row: row["hearing"].month),
    Column("asked", "Asked for", lambda row: row["asked"]),
    Column("asked_at", "Asked", lambda row: in_zone(row["hearing"].asked_at, row["hearing"].contract.timezone)),
    Column("state", "State", lambda row: row["hearing"].get_status_display()),
    Column("answer_by", "Answer by", lambda row: row["hearing"].answer_by),
    Column("ruled_by", "Decided by", lambda row: row["hearing"].ruled_by_name),
)
