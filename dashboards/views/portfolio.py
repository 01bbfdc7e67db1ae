"""The account manager's home: all vendors, twelve months, and what needs somebody."""

import json
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from contracts.mine import chosen as chosen_owner
from dashboards import exports
from dashboards.context import counts_of, month_links, views_of
from dashboards.pages.credit_by_currency import NAMED, credit_by_currency
from dashboards.pages.kpi_strip import coverage, kpi_strip
from dashboards.pages.portfolio import Portfolio, Row, heat_cells, portfolio_of
from dashboards.pages.weakest_kras import LISTED, finding, weakest_kras
from dashboards.querysets import portfolio as find
from dashboards.querysets.opening import opening_of, passed_over
from dashboards.rules import LARGE_CHANGE, STATUSES, VIEW_STATE, sort_of, status_of, tiers_of, window
from lib.charts import Heat
from lib.htmx import render_part
from lib.months import month_of, stepper
from lib.paging import page_number, page_of
from lib.tables import MOST, Export
from lib.templatetags.dates import month_key
from notifications.views.inbox import panel_context
from organisations.access import allows
from organisations.house import House
from organisations.requests import MemberRequest

TEMPLATE = "dashboards/portfolio.html"
ENDING = 5  # contracts that end soon: named above the list
SHOWN = 10  # vendors on a page: each row has twelve cells
HEADS = (
    ("name", "Vendor"),
    ("score", "Score"),
    ("change", "Change"),
    ("coverage", "Measured"),
    ("open", "Open"),
)


@require_GET
@allows("portfolio.view")
def portfolio(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?period=2026-10&sort=-score&status=breach&tier=1,2&service=Payroll&q=halden&owner=all`; what is left out has a sensible default.

    `?view=7` is a saved view; what else the address says of filters and order takes its place. Without anything it is one's default view.
    """
    now, house = timezone.now(), request.membership.house
    opening = opening_of(now, request.membership.pk)
    span, this_month, asked_month = opening.span, opening.this_month, month_of(request.GET.get("period", ""))
    view = view_of(request)
    given = request.GET if view is None or set(VIEW_STATE) & request.GET.keys() else view["state"]
    sort, down = sort_of(given.get("sort", ""))
    status, words = status_of(given.get("status", "")), given.get("q", "").strip()[:80]
    tiers, service = tiers_of(given.get("tier", "")), given.get("service", "").strip()[:60]
    owner = chosen_owner(given.get("owner", ""), span.held)
    month = opening.month(asked_month, owner)
    page_asked = page_number(request.GET.get("page", ""))
    asked = find.Asked(status, words, sort, down, page_asked, SHOWN, owner.contracts, tiers, service)
    others = {"period": month_key(month), "sort": f"-{sort}" if down else sort, "status": status, "q": words}
    others |= {"tier": ",".join(map(str, tiers)), "service": service, "view": str(view["id"]) if view else ""}
    state = {**others, **owner.kept}
    export = Export.asked("portfolio", exports.portfolio_columns(window(month)), request.GET, state)
    if export:
        whole = portfolio_of(month, now, replace(asked, number=1, shown=MOST))
        return export.answer(lambda: whole.rows, whole.all.matching)
    page = portfolio_of(month, now, asked)
    context = {
        "page": page,
        "export": export,
        "coverage": coverage(month, page.all) if page.all.vendors else "",
        **_later(passed_over(asked_month, month, this_month), state),
        "period": stepper(
            month, first=span.first.replace(day=1) if span.first else month, last=this_month, kept=kept(state)
        ),
        "state": state,
        "view": view,
        "save_query": query(kept(state)),
        "may_save": request.membership.may("view.save"),
        "filed": filed(page.all, state),
        "filtered": any(state[name] for name in ("status", "q", "tier", "service")),
        "owner": owner,
        "owners": owner.choices({name: value for name, value in others.items() if value}),
        "contracts_ever": span.contracts,
        "rows": [(row, *links_and_cells(organisation, row, page.months, house)) for row in page.rows],
        "shown": page_of(page.rows, page.all.matching, SHOWN, asked.number),
        "query": f"{query(state)[1:]}&",
        "heads": {name: head(name, label, sort, down, state) for name, label in HEADS},
        "filters": filters(page.all, state),
        "without_filters": without(page.all, state),
        "large_change": LARGE_CHANGE,
        "ending": [one for one in span.ending if owner.contracts is None or one.pk in owner.contracts][:ENDING],
        **_panels(page, owner.contracts, now, house, organisation, state),
        "kras_url": f"{reverse('compare', args=[organisation])}{query(owner.kept, by='kras', period=month_key(month))}",
        "owner_query": f"&{urlencode(owner.kept)}" if owner.kept else "",
        "breaches_url": reverse("breaches", args=[organisation]),
        **panel_context(request, counts_of(request, request.membership).inbox_version),
    }
    return render_part(request, TEMPLATE, "portfolio", context)


def _later(month: date | None, state: dict[str, str]) -> dict[str, Any]:
    """The month after the one that the page has opened on, where that has no score yet."""
    return {"later": month, "later_url": query(state, period=month_key(month)) if month else ""}


def _panels(
    page: Portfolio, contracts: list[int] | None, now: datetime, house: House, slug: str, state: dict[str, str]
) -> dict[str, Any]:
    """The strip, the credits and the KRAs. The strip is of all vendors, the others of those that the filters leave."""
    if not page.all.vendors:
        return {}
    listed = page.all.listed
    kras = find.lowest_kras(page.months[0], page.month, listed, LISTED) if listed else []
    weakest = weakest_kras(kras, page.months, house, slug)
    behind = f"{reverse('credits', args=[slug])}{query({'owner': state.get('owner', '')}, show='all')}"
    credits = credit_by_currency(find.credits_of(page.month, listed, NAMED, contracts), behind)
    return {
        "stats": [
            stat | urls
            for stat, urls in zip(
                kpi_strip(page.month, page.all, find.outcomes(page.month, contracts), credits, now),
                _behind(slug, state),
                strict=True,
            )
        ],
        "weakest_kras": weakest,
        "weakest_kras_finding": finding(weakest),
        "credit_by_currency": [one for one in credits if one.listed],
    }


def _behind(slug: str, state: dict[str, str]) -> list[dict[str, str]]:
    """What makes up each number of the strip, in its order: of the same month and the same contracts."""
    owner = {"owner": state.get("owner", "")}
    of_month = query(owner, period=state["period"])
    breaches, results = reverse("breaches", args=[slug]), reverse("results", args=[slug])
    return [
        {"url": "#vendors-h", "change_url": f"{query(state, sort='change')}#vendors-h"},
        {
            "url": f"{results}{of_month}&outcome=met",
            "small_url": f"{results}{of_month}",
            "bit_url": f"{results}{of_month}&outcome=",
        },
        {"url": f"{breaches}{query(owner)}", "small_url": f"{breaches}{query(owner, status='open')}"},
        {"url": "#credits-h"},
        {
            "url": f"{reverse('submissions', args=[slug])}{of_month}",
            "bit_url": f"{reverse('cockpit', args=[slug])}{of_month}&state=",
        },
    ]


def links_and_cells(slug: str, row: Row, months: list[date], house: House) -> tuple[str, list[str], list[Heat]]:
    """Where a row's name and its months lead, and its cells."""
    links = month_links(slug, row.vendor.code, row.vendor.contracts, months)
    only = row.vendor.contracts[0] if len(row.vendor.contracts) == 1 else None
    card = reverse("contract-month", args=[slug, only, month_key(months[-1])]) if only else links[-1]
    return card, links, heat_cells(row.scores, row.provisional, house)


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


def filters(all_: find.Together, state: dict[str, str]) -> list[dict[str, Any]]:
    """The filters with how many vendors each would leave."""
    counts = {"breach": all_.with_breach, "late": all_.with_late, "waiting": all_.with_waiting}
    return [
        {
            "label": label,
            "count": counts[status],
            "on": state["status"] == status,
            "url": query(state, status="" if state["status"] == status else status),
        }
        for status, label in STATUSES.items()
    ]


def filed(all_: find.Together, state: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Tiers and services to choose from, with how many vendors each would leave; of tiers also two beside each other."""
    found = json.loads(all_.filed or "[]")
    counts = {name: count for name, count, is_tier in found if is_tier}
    tiers = [(name, f"Tier {name}", count) for name, count in counts.items()]
    beside = [one for one in pairwise(counts) if int(one[1]) == int(one[0]) + 1]
    tiers += [(f"{a},{b}", f"Tier {a} and {b}", counts[a] + counts[b]) for a, b in beside]
    services = [(name, name, count) for name, count, is_tier in found if not is_tier]

    def choices(name: str, every: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
        if state[name] and state[name] not in [value for value, *_ in every]:  # of an address, or of another month
            every = [*every, (state[name], state[name], 0)]
        chosen = state[name]
        return [{"value": value, "label": words, "count": n, "on": value == chosen} for value, words, n in every]

    return {"tiers": choices("tier", tiers), "services": choices("service", services)}


def without(all_: find.Together, state: dict[str, str]) -> dict[str, Any]:
    """Which filter to drop where nothing is left, and how many there would be without it."""
    dropped: dict[str, Any] = {"all_url": query(state, status="", q="", tier="", service="", view="")}
    status = STATUSES.get(state["status"], "").lower()
    tiers = f"tier {state['tier'].replace(',', ' and ')}" if state["tier"] else ""
    choices: list[tuple[str, int, dict[str, str]]] = [
        (state["q"], all_.without_words, {"q": ""}),
        (status, all_.without_status, {"status": ""}),
        (tiers or state["service"], all_.without_chosen, {"tier": "", "service": ""}),
    ]
    asked = [one for one in choices if one[0]]
    if asked:
        what, count, changes = max(asked, key=lambda one: one[1])
        dropped |= {"what": f"“{what}”", "count": count, "url": query(state, **changes)}
    return dropped


def view_of(request: MemberRequest) -> dict[str, Any] | None:
    """The saved view that the address names; where it says nothing at all, the one that the portfolio opens with."""
    views = views_of(request, request.membership)
    named = request.GET.get("view", "")
    return next((one for one in views if (str(one["id"]) == named if request.GET else one["opens"])), None)
