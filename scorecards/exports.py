"""The columns of the tables of these pages, for files."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.timezone import localdate

from lib.months import format_months
from lib.status_styles import style_for
from lib.tables import Column
from lib.texts import format_checksum
from scorecards.pages.month_explanation import KraLine, LevelLine, MonthExplanation, Moved

# A review pack with the number of its published versions.
PACKS = (
    Column("vendor", "Vendor", lambda row: row.vendor.name),
    Column("months", "Months", lambda row: format_months(row.first, row.last)),
    Column("begun", "Begun by", lambda row: row.begun_by_name),
    Column("meeting", "Meeting", lambda row: row.meeting_on),
    Column("published", "Published", lambda row: row.published_at and localdate(row.published_at)),
    Column("versions", "Versions", lambda row: row.versions),
)

# A pack as it was handed to a vendor.
HANDED = (
    Column("months", "Months", lambda row: format_months(row.first, row.last)),
    Column("version", "Version", lambda row: row.number),
    Column("changes", "Changes", lambda row: row.changes),
    Column("about", "Contracts", lambda row: row.about),
    Column("at", "Published", lambda row: localdate(row.at)),
    Column("by", "Published by", lambda row: row.by_name),
    Column("pdf", "Checksum of the PDF", lambda row: format_checksum(row.pdf_sha256)),
    Column("xlsx", "Checksum of the workbook", lambda row: format_checksum(row.xlsx_sha256)),
)

# A service level of an edition, as `scorecards.pages.publication` makes its row.
EDITION = (
    Column("code", "Service level", lambda row: row["code"]),
    Column("name", "Name of service level", lambda row: row["name"]),
    Column("period", "Period", lambda row: row["period"]),
    Column("target", "Target", lambda row: row["target"]),
    Column("result", "Result", lambda row: row["shown"]),
    Column("status", "Status", lambda row: style_for(row["outcome"]).word),
    Column("points", "Penalty points", lambda row: row["points"]),
    Column("share", "Share of the credit", lambda row: row["share"]),
)

# A key result area, and one of its service levels; none for the area itself.
SCORE = (
    Column("kra", "Key result area", lambda row: row[0].name),
    Column("weight", "Weight", lambda row: None if row[1] else row[0].weight),
    Column("code", "Service level", lambda row: row[1] and row[1].code),
    Column("name", "Name of service level", lambda row: row[1] and row[1].name),
    Column("points", "Can earn", lambda row: (row[1] or row[0]).points),
    Column("earned", "Earned", lambda row: (row[1] or row[0]).earned),
)
CHANGE = (
    Column("kra", "Key result area", lambda row: row[0].name),
    Column("code", "Service level", lambda row: row[1] and row[1].code),
    Column("name", "Name of service level", lambda row: row[1] and row[1].name),
    Column("before", "Month before", lambda row: (row[1] or row[0]).before),
    Column("after", "Month", lambda row: (row[1] or row[0]).after),
    Column("change", "Change", lambda row: (row[1] or row[0]).change),
)
CREDIT = (
    Column("step", "Step", lambda row: row[0]),
    Column("text", "What it comes to", lambda row: row[1]),
)
# A period with penalty points (`explanations.parts.Counted`), and its result or None.
POINTS = (
    Column("code", "Service level", lambda row: row[0].code),
    Column("name", "Name of service level", lambda row: row[1] and row[1].service_level.name),
    Column("from", "From", lambda row: row[0].starts_on),
    Column("points", "Points", lambda row: row[0].points),
    Column("counted", "Counted", lambda row: row[0].counted),
    Column("share", "Share", lambda row: row[0].share),
    Column("instead", "Counts in its place", lambda row: row[0].instead),
)


def with_levels(areas: Iterable[KraLine | Moved]) -> list[tuple[Any, LevelLine | Moved | None]]:
    """Each area, and below it its service levels, as the page lists them."""
    return [(area, level) for area in areas for level in (None, *area.levels)]


# Each table of a month's explanation: what it is called in the address, its columns, and its rows.
EXPLANATION: dict[str, tuple[tuple[Column, ...], Callable[[MonthExplanation], list[Any]]]] = {
    "": (SCORE, lambda why: with_levels(why.kras)),
    "change": (CHANGE, lambda why: with_levels(why.moved) if why.change is not None else []),
    "credit": (CREDIT, lambda why: credit_lines(why)),
    "points": (POINTS, lambda why: list(why.counted)),
}


def credit_lines(why: MonthExplanation) -> list[tuple[str, str]]:
    lines = [(line.label, line.text) for line in why.money.lines] if why.money else []
    return [*lines, ("Earned back", why.earned_back)] if why.money and why.earned_back else lines
