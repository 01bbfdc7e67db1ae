"""Key result areas by month: those with the lowest scores, and whether one keeps falling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse

from dashboards.pages.portfolio import heat_cells
from dashboards.querysets.portfolio import KraHistory
from dashboards.rules import falling
from lib.charts import Heat
from lib.templatetags.dates import month_key
from organisations.house import House

LISTED = 5
NOTABLE = 3  # months in a row


@dataclass(frozen=True)
class WeakKra:
    """A KRA of a contract in the table. `provisional`: each of its months is, which is said once and not in every cell."""

    name: str
    contract_id: int
    vendor: str
    provisional: bool
    cells: list[Heat]
    scores: list[Decimal | None]
    links: list[str]  # why each month's score is so


def weakest_kras(kras: Sequence[KraHistory], months: Sequence[date], house: House, slug: str) -> list[WeakKra]:
    areas = []
    for kra in kras:
        scores = [kra.scores.get(month) for month in months]
        every = kra.scores.keys() <= kra.provisional
        cells = heat_cells(scores, [month in kra.provisional and not every for month in months], house)
        place = f"#kra-{kra.code}"
        links = [
            f"{reverse('month-explanation', args=[slug, kra.contract_id, month_key(month)])}{place}" for month in months
        ]
        areas.append(WeakKra(kra.name, kra.contract_id, kra.vendor, every, cells, scores, links))
    return areas


def finding(areas: Sequence[WeakKra]) -> str:
    """What the table says in a sentence."""
    longest = max(areas, key=lambda area: falling(area.scores), default=None)
    months = falling(longest.scores) if longest else 0
    listed = "The lowest scores first."
    if longest is None or months < NOTABLE:
        return listed
    return f"{listed} {longest.name}, {longest.vendor}, has fallen {months} months in a row."
