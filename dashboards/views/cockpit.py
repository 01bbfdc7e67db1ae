"""The month as a whole: every expected figure by state, who acts next, and reminding them."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.mine import OwnerFilter, owner_filter
from contracts.models import Owner
from contracts.rules import Duty
from dashboards.actions import REMINDS, remind
from dashboards.context import address
from dashboards.querysets import cockpit as find
from lib.errors import RuleBroken
from lib.htmx import render_part
from lib.months import after, month_of, stepper
from lib.posts import posted_from
from lib.templatetags.dates import month_key
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest

SHOWN = 50
# By urgency: look, shape, word.
STATES = {
    "late": ("late", "late", "Late"),
    "due": ("info", "pending", "Due"),
    "returned": ("risk", "risk", "Returned"),
    "waiting": ("info", "info", "Waiting for your decision"),
    "disputed": ("info", "info", "Disputed"),
    "relief": ("info", "info", "Relief asked for"),
    "not_due": ("none", "pending", "Not due"),
    "accepted": ("met", "met", "Accepted"),
    "no_volume": ("none", "volume", "No volume"),
    "judged": ("met", "met", "Judged"),
    "published": ("lock", "lock", "Published"),
}
ACTS = {"vendor": "Vendor acts", "client": "You act", "nobody": "Nobody"}


@require_safe
@allows("portfolio.view")
def cockpit(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?period=2026-10&state=late&acts=vendor&owner=all&page=2`. The number of statements does not depend on the figures."""
    now = timezone.now()
    owner = owner_filter(request.GET.get("owner", ""), request.membership, now)
    last = now.astimezone(request.membership.house.zone).date().replace(day=1)
    month = min(month_of(request.GET.get("period", "")) or after(last, -1), last)
    state, acts = request.GET.get("state", ""), request.GET.get("acts", "")
    state, acts = (state if state in STATES else ""), (acts if acts in ACTS else "")
    by_contract = find.by_contract(month, now, owner.contracts)
    counted = find.tally(by_contract)
    matching = sum(one.number for one in counted if state in ("", one.state) and acts in ("", one.acts))
    page = Paginator(range(matching), SHOWN).get_page(request.GET.get("page"))
    offset = (page.number - 1) * SHOWN
    found = find.page_of(by_contract, month, now, state=state, acts=acts, limit=SHOWN, offset=offset)
    kept = {"period": month_key(month), **owner.kept}
    chosen = {name: value for name, value in {"state": state, "acts": acts}.items() if value}
    context = {
        "month": month,
        "period": stepper(month, first=date(2000, 1, 1), last=last, kept={**chosen, **owner.kept}),
        "owner": owner,
        "owners": owner.choices({"period": month_key(month), **chosen}),
        "tally": _tally(counted, kept, state, acts),
        "total": sum(one.number for one in counted),
        "vendor_count": sum(one.number for one in counted if one.acts == "vendor"),
        "client_count": sum(one.number for one in counted if one.acts == "client"),
        "published": sum(one.number for one in counted if one.state == "published"),
        "groups": _groups(found, month, now),
        "matching": matching,
        "page": page,
        "query": "".join(f"{urlencode({name: value})}&" for name, value in {**kept, **chosen}.items()),
        "everything_url": f"?{urlencode(kept)}" if chosen else "",
        "heading": STATES[state][2] if state else ACTS[acts] if acts else "All figures",
        "may_remind": request.membership.may("figures.remind"),
        "state": {**kept, **chosen},
        "submissions_url": address("submissions", request.membership),
    }
    return render_part(request, "dashboards/cockpit.html", "cockpit", context)


def _tally(counted: list[find.Count], kept: dict[str, str], state: str, acts: str) -> list[dict[str, Any]]:
    """A row for each state that there is, and one for all; each number with the address of its figures."""
    rows = []
    for name in [*STATES, ""]:
        of_state = [one for one in counted if name in ("", one.state)]
        if not of_state:
            continue
        cells = []
        for who in [*ACTS, ""]:
            count = sum(one.number for one in of_state if who in ("", one.acts))
            asked = {key: value for key, value in {"state": name, "acts": who}.items() if value}
            url = f"?{urlencode({**kept, **asked})}"
            cells.append({"count": count, "url": url, "on": (name, who) == (state, acts)})
        since = min((one.since for one in of_state if one.since), default=None)
        rows.append({"name": name, "style": STATES.get(name), "cells": cells, "since": since if name else None})
    return rows


def _groups(found: list[find.Figure], month: date, now: datetime) -> list[dict[str, Any]]:
    """The page's figures by contract, with who is in charge on both sides and when they were reminded. Two statements."""
    contracts = {one.contract_id for one in found}
    if not contracts:
        return []
    names: dict[tuple[int, str], str] = {}
    for one in Owner.objects.in_force(now).filter(contract__in=contracts).order_by("is_deputy"):
        names[one.contract_id, one.duty] = f"{one.name}, deputy" if one.is_deputy else one.name
    reminded: dict[int, dict[str, Any]] = {}
    for event in find.reminders(contracts, month):
        pk = int(event.path.split("/")[1])
        by, _, what = event.title.rpartition(REMINDS)
        reminded.setdefault(pk, {"at": event.created_at, "by": by, "told": event.told or "", "what": what})
    groups: dict[int, dict[str, Any]] = {}
    for one in found:
        group = groups.setdefault(
            one.contract_id,
            {"first": one, "rows": [], "reminded": reminded.get(one.contract_id), "waits": False},
        )
        duty = {"vendor": Duty.VENDOR_CONTACT, "client": Duty.ACCOUNT_MANAGER}.get(one.acts)
        who = names.get((one.contract_id, duty), one.vendor if one.acts == "vendor" else "") if duty else ""
        group["rows"].append({"figure": one, "style": STATES[one.state], "who": who})
        group["waits"] |= one.acts == "vendor"
    return list(groups.values())


def _ids(texts: list[str]) -> set[int]:
    """Of what came from outside, the ids that may be some."""
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}


def _back(request: MemberRequest, organisation: str) -> str:
    kept = {name: request.POST.get(name, "") for name in ("period", "state", "acts", "owner")}
    return f"{reverse('cockpit', args=[organisation])}?{urlencode({name: text for name, text in kept.items() if text})}"


@posted_from("cockpit")
@allows("figures.remind")
def remind_vendors(request: MemberRequest, organisation: str) -> HttpResponse:
    """`figure=…` for each that is ticked, `contract=7` for one contract, or `all=1` for what waits for vendors in the month."""
    month = month_of(request.POST.get("period", ""))
    back = _back(request, organisation)
    if month is None:
        return redirect(back)
    chosen = request.POST.getlist("figure")
    one = request.POST.get("contract", "")
    everything = request.POST.get("all") == "1"
    if not everything and not chosen and not one:
        messages.error(request, "Tick the figures first, or remind everybody.")
        return redirect(back)
    now = timezone.now()
    owner: OwnerFilter = owner_filter(request.POST.get("owner", ""), request.membership, now)
    if one:
        contracts = _ids([one])
    elif everything:
        contracts = {row.contract_id for row in find.figures(month, now, owner.contracts, acts="vendor")}
    else:
        contracts = _ids([key.partition("-")[0] for key in chosen])
    try:
        keys = None if one or everything else set(chosen)
        told, already = remind(by=request.membership, month=month, chosen=keys, contracts=contracts)
    except RuleBroken as broken:
        messages.error(request, broken.sentence)
        return redirect(back)
    wake_workers(request.membership.organisation_id)
    said = f"Reminded for {told} contract{'' if told == 1 else 's'}." if told else ""
    again = f" {already} had been reminded today already." if already else ""
    messages.success(request, f"{said}{again}".strip())
    return redirect(back)
