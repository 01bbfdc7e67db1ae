"""The month as a whole: every expected figure by state, who acts next, and reminding them."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.mine import ALL, OwnerFilter, owner_filter
from contracts.models import Contract
from dashboards import exports
from dashboards.actions import remind
from dashboards.context import address
from dashboards.pages.cockpit import ACTS, STATES, Chosen, due_days, groups, lines, tally
from dashboards.querysets import cockpit as find
from lib.errors import RuleBroken
from lib.htmx import render_part
from lib.months import after, month_of, stepper
from lib.posts import posted_from
from lib.tables import Export
from lib.templatetags.dates import month_key
from lib.wakeup import wake_workers
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest

SHOWN = 50
TICKED = ("page", "all")


@require_safe
@allows("portfolio.view")
def cockpit(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?period=2026-10&state=late&acts=vendor&due=2026-11-06&owner=all&page=2`; with `ticked=page` or `ticked=all` figures are ticked
    to be reminded of. The number of statements does not depend on the figures."""
    now = timezone.now()
    owner = owner_filter(request.GET.get("owner", ""), request.membership, now)
    today = now.astimezone(request.membership.house.zone).date()
    last = today.replace(day=1)
    month = min(month_of(request.GET.get("period", "")) or after(last, -1), last)
    chosen, by_contract = chosen_of(request.GET), find.by_contract(month, now, owner.contracts)
    counted = find.tally(by_contract)
    matching = chosen.count(counted)
    kept = {"period": month_key(month), **owner.kept}
    state = {**kept, **chosen.kept}
    export = Export.asked("month", exports.MONTH, request.GET, state)
    if export:
        every = partial(find.figures, month, now, owner.contracts, **chosen.asked)
        return export.answer(lambda: lines(every(), now), matching)
    page = Paginator(range(matching), SHOWN).get_page(request.GET.get("page"))
    offset = (page.number - 1) * SHOWN
    found = find.page_of(by_contract, month, now, **chosen.asked, limit=SHOWN, offset=offset)
    query = "".join(f"{urlencode({name: value})}&" for name, value in state.items())
    context = {
        "month": month,
        "period": stepper(month, first=date(2000, 1, 1), last=last, kept={**chosen.kept, **owner.kept}),
        "owner": owner,
        "owners": owner.choices({"period": month_key(month), **chosen.kept}),
        "tally": tally(counted, kept, chosen),
        "total": sum(one.number for one in counted),
        "vendor_count": sum(one.number for one in counted if one.acts == "vendor"),
        "client_count": sum(one.number for one in counted if one.acts == "client"),
        "contracts_ever": bool(counted) or Contract.objects.exists(),
        "everybodys_url": f"?{urlencode({'period': month_key(month), 'owner': ALL})}",
        "published": sum(one.number for one in counted if one.state == "published"),
        "due_days": due_days(counted, kept, chosen, today),
        "groups": groups(found, month, now),
        "matching": matching,
        "page": page,
        "query": query,
        "export": export,
        "everything_url": f"?{urlencode(kept)}" if chosen.kept else "",
        "heading": chosen.heading,
        "due": chosen.due,
        "may_remind": request.membership.may("figures.remind"),
        "may_extend": request.membership.may("extension.decide"),
        "remindable": chosen.count(counted, "vendor"),
        "on_page": sum(one.acts == "vendor" for one in found),
        "ticked": request.GET.get("ticked", "") if request.GET.get("ticked") in TICKED else "",
        "tick_url": f"?{query}page={page.number}&ticked=",
        "state": state,
        "submissions_url": address("submissions", request.membership),
    }
    return render_part(request, "dashboards/cockpit.html", "cockpit", context)


def chosen_of(given: QueryDict) -> Chosen:
    """From an address or a form; what nobody can mean is left out."""
    state, acts = given.get("state", ""), given.get("acts", "")
    try:
        due = date.fromisoformat(given.get("due", ""))
    except ValueError:
        due = None
    return Chosen(state if state in STATES else "", acts if acts in ACTS else "", due)


def _ids(texts: list[str]) -> set[int]:
    """Of what came from outside, the ids that may be some."""
    return {one for one in map(whole, texts) if one is not None}


class Picked(NamedTuple):
    """Contracts, and which of their figures; None: all of them."""

    contracts: set[int]
    keys: set[str] | None


def picked_figures(request: MemberRequest, month: date) -> Picked | None:
    """What somebody chose in the list's form: `figure=…` for each that is ticked, `contract=7` for one contract, `matching=1` for what the
    filter leaves, `all=1` for the month; the last two of what waits for vendors. None: nothing."""
    figures, one = request.POST.getlist("figure"), request.POST.get("contract", "")
    matching, everything = request.POST.get("matching") == "1", request.POST.get("all") == "1"
    if one:
        return Picked(_ids([one]), None)
    if everything or matching:
        now = timezone.now()
        owner: OwnerFilter = owner_filter(request.POST.get("owner", ""), request.membership, now)
        asked = Chosen() if everything else chosen_of(request.POST)
        theirs = replace(asked, acts="vendor").asked
        waiting = find.figures(month, now, owner.contracts, **theirs) if asked.acts in ("", "vendor") else []
        return Picked({row.contract_id for row in waiting}, {row.key for row in waiting})
    return Picked(_ids([key.partition("-")[0] for key in figures]), set(figures)) if figures else None


def back_to_list(request: MemberRequest, organisation: str) -> str:
    kept = {name: request.POST.get(name, "") for name in ("period", "state", "acts", "due", "owner")}
    return f"{reverse('cockpit', args=[organisation])}?{urlencode({name: text for name, text in kept.items() if text})}"


@posted_from("cockpit")
@allows("figures.remind")
def remind_vendors(request: MemberRequest, organisation: str) -> HttpResponse:
    """Of the figures that were picked (`picked_figures`)."""
    month = month_of(request.POST.get("period", ""))
    back = back_to_list(request, organisation)
    if month is None:
        return redirect(back)
    picked = picked_figures(request, month)
    if picked is None:
        messages.error(request, "Tick the figures first, or remind everybody.")
        return redirect(back)
    try:
        told, already = remind(by=request.membership, month=month, chosen=picked.keys, contracts=picked.contracts)
    except RuleBroken as broken:
        messages.error(request, broken.sentence)
        return redirect(back)
    wake_workers(request.membership.organisation_id)
    said = f"Reminded for {told} contract{'' if told == 1 else 's'}." if told else ""
    again = f" {already} had been reminded today already; figures are reminded of once a day." if already else ""
    messages.success(request, f"{said}{again}".strip())
    return redirect(back)
