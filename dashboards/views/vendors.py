"""The list of vendors, and a vendor with its contracts."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from breaches.models import Breach
from contracts.mine import owner_filter
from contracts.models import Contract
from dashboards import exports
from dashboards.context import month_links
from dashboards.pages.portfolio import heat_cells
from dashboards.querysets import vendors as find
from dashboards.querysets.opening import opens_on, passed_over, scored_month
from dashboards.querysets.portfolio import Card, Slot
from dashboards.querysets.portfolio import cards as contract_cards
from dashboards.rules import LARGE_CHANGE, window
from lib.htmx import render_part
from lib.months import month_of, stepper
from lib.tables import CHUNK, Export, in_chunks
from lib.templatetags.dates import month_key
from organisations.access import allows
from organisations.models import Membership, Vendor
from organisations.requests import MemberRequest

BREACHES = 10
SHOWN = 25  # vendors on a page


@require_GET
@allows("portfolio.view")
def vendors(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """Vendors by name, with contracts past and future too; `?q=halden&owner=all&page=2`. Four statements."""
    words, now = request.GET.get("q", "").strip()[:80], timezone.now()
    owner = owner_filter(request.GET.get("owner", ""), request.membership, now)
    found = find.vendors_with(words)
    found = found.held_by(request.membership.pk, now) if owner.mine else found
    state = {"q": words, **owner.kept}
    export = Export.asked("vendors", exports.VENDORS, request.GET, state)
    if export:
        return export.answer(lambda: in_chunks(found.iterator(CHUNK), lambda some: _rows(some, now)), found.count())
    page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    context = {
        "page": page,
        "vendors": _rows(page.object_list, now),
        "export": export,
        "q": words,
        "owner": owner,
        "owners": owner.choices({"q": words} if words else {}),
        "query": "".join(f"{urlencode({name: value})}&" for name, value in state.items() if value),
        "vendors_url": reverse("vendors", args=[organisation]),
        "contracts_url": reverse("contracts", args=[organisation]),
        "may_edit": request.membership.may("vendor.edit"),
    }
    return render_part(request, "dashboards/vendors.html", "vendors", context)


def _rows(vendors: list[Vendor], now: datetime) -> list[tuple[Vendor, list[tuple[Contract, bool, bool]], int]]:
    """Vendors with their contracts, and how many of these run. One statement."""
    contracts = find.contracts_by_vendor([one.pk for one in vendors])
    rows = [(one, _listed(contracts.get(one.pk, []), now)) for one in vendors]
    return [(one, listed, sum(running for _, _, running in listed)) for one, listed in rows]


def _listed(contracts: list[Contract], now: datetime) -> list[tuple[Contract, bool, bool]]:
    """Contracts, whether each is over on its local day, and whether it runs."""
    days = [(one, one.day(now)) for one in contracts]
    return [(one, one.ends_on < today, one.starts_on <= today <= one.ends_on) for one, today in days]


@require_GET
@allows("portfolio.view")
def vendor(request: MemberRequest, organisation: str, vendor_code: str) -> HttpResponseBase:
    """A vendor's contracts over the months, and what is open with it."""
    found = get_object_or_404(Vendor, code=vendor_code)
    now, asked = timezone.now(), month_of(request.GET.get("period", ""))
    contracts = list(find.contracts_of(found).annotate(scored=scored_month(now)))
    this_month = max((one.day(now) for one in contracts), default=now.date()).replace(day=1)
    scored = max((one.scored for one in contracts if one.scored), default=None)
    month = min(asked or opens_on(scored, this_month), this_month)
    months, later = window(month), passed_over(asked, month, this_month)
    cards = contract_cards(months[0], month, [contract.pk for contract in contracts])
    state = {"period": month_key(month)}
    export = Export.asked(f"contracts-{found.code}", exports.contract_columns(months), request.GET, state)
    if export:
        return export.answer(lambda: exports.contract_months(contracts, cards, months), len(contracts))
    first = min((contract.starts_on for contract in contracts), default=month).replace(day=1)
    rows = [_months_of(request.membership, contract, months, cards) for contract in contracts]
    live = Breach.objects.live().filter(vendor=found)
    context = {
        "vendor": found,
        "contracts": contracts,
        "export": export,
        "rows": rows,
        "months": months,
        "period": stepper(month, first=min(first, month), last=this_month),
        "later": later,
        "later_url": f"?period={month_key(later)}" if later else "",
        "key": month_key(month),
        "breaches": list(live.with_names()[:BREACHES]),
        "live": live.count(),
        "breaches_url": f"{reverse('breaches', args=[organisation])}?{urlencode({'vendor': found.code, 'owner': 'all'})}",
        "large_change": LARGE_CHANGE,
        "may_edit": request.membership.may("vendor.edit"),
    }
    return render(request, "dashboards/vendor.html", context)


def _months_of(member: Membership, contract: Contract, months: list[date], cards: dict[Slot, Card]) -> tuple[Any, ...]:
    """A contract with its scorecard of the last of the months, by how much the score moved, and a cell for each month."""
    found = [cards.get((contract.pk, month)) for month in months]
    scores = [card.score if card else None for card in found]
    moved = None if scores[-1] is None or scores[-2] is None else scores[-1] - scores[-2]
    cells = heat_cells(scores, [bool(card and card.provisional) for card in found], member.house)
    links = month_links(member.organisation.slug, "", [contract.pk], months)
    return contract, found[-1], moved, cells, links
