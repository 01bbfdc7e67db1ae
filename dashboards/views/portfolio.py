"""The account manager's home: all vendors, twelve months, and what needs somebody."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboards.context import month_links
from dashboards.pages.credit_by_currency import credit_by_currency
from dashboards.pages.kpi_strip import coverage, kpi_strip
from dashboards.pages.portfolio import Portfolio, Row, chosen, heat_cells, in_order, portfolio_of, with_history
from dashboards.pages.weakest_kras import LISTED, finding, weakest_kras
from dashboards.querysets import portfolio as find
from dashboards.rules import LARGE_CHANGE, STATUSES, sort_of, status_of
from lib.charts import Heat
from lib.htmx import render_part
from lib.months import after, month_of, stepper
from lib.templatetags.dates import month_key
from notifications.views.inbox import panel_context
from organisations.access import allows
from organisations.house import House
from organisations.requests import MemberRequest

TEMPLATE = "dashboards/portfolio.html"
SHOWN = 15  # vendors on a page: each row has twelve cells
HEADS = (("name", "Vendor"), ("score", "Score"), ("change", "Change"), ("open", "Open"))


@require_GET
@allows("portfolio.view")
def portfolio(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?period=2026-10&sort=-score&status=breach&q=halden`; what is left out has a sensible default."""
    house = request.membership.house
    today = timezone.localdate()
    this_month = today.replace(day=1)
    month = min(month_of(request.GET.get("period", "")) or after(this_month, -1), this_month)
    sort, down = sort_of(request.GET.get("sort", ""))
    status, words = status_of(request.GET.get("status", "")), request.GET.get("q", "").strip()[:80]
    page = portfolio_of(month, timezone.now())
    rows = in_order(chosen(page.rows, status, words), sort, down)
    shown = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    if rows:
        with_history(page, shown.object_list)
    first, contracts_ever = find.term_of_all()
    state = {"period": month_key(month), "sort": f"-{sort}" if down else sort, "status": status, "q": words}
    context = {
        "page": page,
        "coverage": coverage(page) if page.rows else "",
        "period": stepper(month, first=first.replace(day=1) if first else month, last=this_month, kept=kept(state)),
        "state": state,
        "contracts_ever": contracts_ever,
        "rows": [(row, *links_and_cells(organisation, row, page.months, house)) for row in shown.object_list],
        "shown": shown,
        "query": f"{query(state)[1:]}&",
        "heads": {name: head(name, label, sort, down, state) for name, label in HEADS},
        "filters": filters(page.rows, words, state),
        "without_filters": without(page.rows, status, words, state),
        "large_change": LARGE_CHANGE,
        **_panels(page, rows, house),
        **panel_context(request),
    }
    return render_part(request, TEMPLATE, "portfolio", context)


def _panels(page: Portfolio, rows: list[Row], house: House) -> dict[str, Any]:
    """The strip, the credits and the KRAs. The strip is of all vendors, the others of those that the filters leave."""
    if not page.rows:
        return {}
    contracts = [contract for row in rows for contract in row.contracts]
    numbers = [contract.pk for contract in contracts]
    weakest = weakest_kras(
        find.lowest_kras(page.months[0], page.month, numbers, LISTED) if numbers else [], contracts, page.months, house
    )
    return {
        "stats": kpi_strip(page, find.outcomes(page.month, [one.pk for one in page.contracts]), timezone.now()),
        "weakest_kras": weakest,
        "weakest_kras_finding": finding(weakest),
        "credit_by_currency": credit_by_currency(page, rows),
    }


def links_and_cells(slug: str, row: Row, months: list[date], house: House) -> tuple[str, list[tuple[Heat, str]]]:
    """Where a row leads, and its cells, each with the address of its month."""
    links = month_links(slug, row.vendor, row.contracts, months)
    return links[-1], list(zip(heat_cells(row.scores, months, row.provisional, house), links, strict=True))


def kept(state: dict[str, str]) -> dict[str, str]:
    """What of the state goes along when the month changes."""
    return {name: value for name, value in state.items() if value and name != "period"}


def query(state: dict[str, str], **changes: str) -> str:
    """The address of the page in another state; what is empty is left out."""
    return "?" + urlencode({name: value for name, value in {**state, **changes}.items() if value})


def head(name: str, label: str, sort: str, down: bool, state: dict[str, str]) -> dict[str, str]:
    """A column's head: the link that sorts by it, and how it is sorted now. Numbers begin with the highest."""
    current = name == sort
    to = (name if down else f"-{name}") if current else (name if name == "name" else f"-{name}")
    direction = ("descending" if down else "ascending") if current else ""
    return {"label": label, "url": query(state, sort=to), "direction": direction}


def filters(rows: list[Row], words: str, state: dict[str, str]) -> list[dict[str, Any]]:
    """The filters with how many vendors each would leave."""
    return [
        {
            "label": label,
            "count": len(chosen(rows, status, words)),
            "on": state["status"] == status,
            "url": query(state, status="" if state["status"] == status else status),
        }
        for status, label in STATUSES.items()
    ]


def without(rows: list[Row], status: str, words: str, state: dict[str, str]) -> dict[str, Any]:
    """Which filter to drop where nothing is left, and how many there would be without it."""
    dropped: dict[str, Any] = {"all_url": query(state, status="", q="")}
    if status and words:
        dropped |= {"what": f"“{words}”", "count": len(chosen(rows, status, "")), "url": query(state, q="")}
    elif status:
        dropped |= {"what": f"“{STATUSES[status].lower()}”", "count": len(rows), "url": query(state, status="")}
    elif words:
        dropped |= {"what": f"“{words}”", "count": len(rows), "url": query(state, q="")}
    return dropped
