"""The columns of the tables of these pages, for files."""

from lib.status_styles import style_for
from lib.tables import Column, in_zone

# A contract, as `agreements.views.contracts` makes its row.
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

# A metric of the catalogue, as `agreements.views.catalogue` makes its row.
METRICS = (
    Column("metric", "Metric", lambda row: row["metric"].name),
    Column("code", "Code", lambda row: row["metric"].code),
    Column("kind", "Kind", lambda row: row["kind"]),
    Column("usual", "Usual target", lambda row: ", ".join(text for text in row["usual"] if text)),
    Column("used", "Your levels", lambda row: row["used"]),
)
# A service level that names a metric, as `agreements.views.metrics` makes its row.
MEASURED = (
    Column("vendor", "Vendor", lambda row: row["level"].contract.vendor.name),
    Column("contract", "Contract", lambda row: row["level"].contract.reference),
    Column("code", "Service level", lambda row: row["level"].code),
    Column("name", "Name of service level", lambda row: row["level"].name),
    Column("target", "Target", lambda row: row["target"]),
    Column("value", "Last value", lambda row: row["past"].value),
    Column("month", "Month", lambda row: row["past"].month),
    Column("outcome", "Outcome", lambda row: style_for(row["past"].outcome).word if row["past"].outcome else ""),
    Column("met", "Met", lambda row: row["past"].met),
    Column("judged", "Of judged periods", lambda row: row["past"].judged),
)
# A contract with what its score measures, as `agreements.views.board` makes its row.
ALIGNED = (
    Column("contract", "Contract", lambda row: row["contract"].title),
    Column("vendor", "Vendor", lambda row: row["contract"].vendor.name),
    Column("reference", "Reference", lambda row: row["contract"].reference),
    Column("measured", "Measured, percent", lambda row: row["measured"]),
    Column("kras", "KRAs that nothing measures", lambda row: ", ".join(one.name for one in row["kras"])),
    Column("levels", "Service levels in no score", lambda row: ", ".join(one.name for one in row["levels"])),
    Column("found", "Worth a look", lambda row: row["found"]),
)
# A bulk revision, what changes, its look and its state.
BULK = (
    Column("title", "Bulk revision", lambda row: row[0].title),
    Column("state", "State", lambda row: row[3]),
    Column("in_force", "In force from", lambda row: row[0].effective_on),
    Column("contracts", "Contracts", lambda row: row[0].contracts),
    Column("changes", "What changes", lambda row: row[1]),
    Column("by", "By", lambda row: row[0].author_name),
)
