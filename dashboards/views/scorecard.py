"""A contract's month as a scorecard, for the client's people and the vendor's own."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from contracts.mine import owner_filter
from contracts.models import Contract
from dashboards import exports
from dashboards.context import address
from dashboards.pages.history import breaches_of, edition_of, history_of, marks_of, money_rows, rules_of
from dashboards.pages.scorecard import change, grade_of, groups_of, lost, note_of, parts_of, unscored
from dashboards.pages.upcoming import UpcomingConsequence, describe_rest, latest_open_to, upcoming
from dashboards.querysets import scorecard as find
from dashboards.querysets.opening import opens_on, passed_over, scored_month
from dashboards.rules import LARGE_CHANGE
from evaluation.rules import SAID_TO_VENDOR
from lib.htmx import render_part
from lib.months import after, month_of, stepper
from lib.tables import Export
from lib.templatetags.dates import month_key
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest
from scorecards.pages.levels import Level, chosen, levels_of
from scorecards.querysets import results as stored

TEMPLATE = "dashboards/scorecard.html"
RANGES = (6, 12, 24)  # slots in the trend


@require_GET
@allows("scorecard.view")
def scorecard(request: MemberRequest, organisation: str, contract: int) -> HttpResponseBase:
    """`?period=2026-10&sla=CC-04&range=24`. The number of statements does not depend on the contract."""
    now, asked = timezone.now(), month_of(request.GET.get("period", ""))
    contracts = Contract.objects.select_related("vendor").defer("document").annotate(scored=scored_month(now))
    found = get_object_or_404(contracts, pk=contract)
    today = found.day(now)
    first, last = found.starts_on.replace(day=1), min(found.ends_on, today).replace(day=1)
    month = asked or opens_on(found.scored, today.replace(day=1))
    month = max(first, min(month, last))
    count = int(text) if (text := request.GET.get("range", "")) in map(str, RANGES) else 12
    running = month == today.replace(day=1) and today <= found.ends_on
    context = _card(found, month, today, running, request.membership) | {
        "contract": found,
        "month": month,
        "large_change": LARGE_CHANGE,
    }
    row = chosen(context["levels"], request.GET.get("sla", ""))
    state = {"sla": request.GET.get("sla", ""), "range": request.GET.get("range", "")}
    kept = {name: value for name, value in state.items() if value}
    levels, trend = _exports(request, found, {"period": month_key(month), **kept}, row)
    if levels:
        lines = [(group, line) for group in context["groups"] for line in group.lines]
        return levels.answer(lambda: lines, len(lines))
    if trend and row:
        slots = list(zip(row.points(count), row.results[-count:], strict=True))
        return trend.answer(lambda: slots, len(slots))
    later = passed_over(asked, month, min(today.replace(day=1), after(last)))
    chart = row.trend(count) if row else None
    results_url = f"/o/{organisation}/results/"
    context |= {
        "later": later,
        "later_url": f"?{urlencode({'period': month_key(later), **kept})}" if later else "",
        "period": stepper(month, first=first, last=last, kept=kept),
        "chosen": row,
        "export": levels,
        "trend_export": trend,
        "chart": chart,
        "trend_rows": [
            (point, f"{results_url}{slot.pk}/why/")
            for point, slot in zip(chart["points"], row.results[-count:], strict=True)
        ]
        if row and chart
        else [],
        "headroom": _headroom(found, row, context["reported"], today, request.membership) if row else "",
        "findings": row.findings if row else [],
        "ranges": [(length, length == count) for length in RANGES],
        "tabs": _tabs(request, found, context["live"]),
        "key": month_key(month),
        "published_url": reverse("publication", args=[organisation, found.pk, month_key(month)]),
        "why_url": reverse("month-explanation", args=[organisation, found.pk, month_key(month)]),
        "may_publish": request.membership.may("scorecard.publish"),
        "results_url": results_url,
        "breaches_url": reverse("breaches", args=[organisation]),
        "hearings_url": reverse("hearings", args=[organisation]),
        "relief_url": f"/o/{organisation}/relief/",
    }
    return render_part(request, TEMPLATE, "scorecard", context)


def _exports(request: MemberRequest, contract: Contract, state: dict[str, str], row: Level | None) -> list[Export]:
    """Of the service levels, and of the periods of the chosen one."""
    given, code = request.GET, row.level.code if row else ""
    return [
        Export.asked(f"scorecard-{contract.reference}", exports.LEVELS, given, state),
        Export.asked(f"results-{contract.reference}-{code}", exports.TREND, given, state, "trend"),
    ]


def _headroom(contract: Contract, row: Level, reported: list[find.MonthEvent], today: date, member: Membership) -> str:
    so_far = latest_open_to(member, [one for one in reported if one.service_level_id == row.level.pk])
    return describe_rest(contract, row, so_far, today) if so_far else ""


def _card(contract: Contract, month: date, today: date, running: bool, member: Membership) -> dict[str, Any]:
    """Everything of the month: four statements, one more while it is running, and one before it has a scorecard."""
    cards, money = find.cards_and_money(contract, month)
    card, before = cards.get(month), cards.get(after(month, -1))
    levels = levels_of(stored.levels(contract), stored.results(contract, month=month, count=RANGES[-1]), month)
    month_events = find.month_events(contract, month, today if running else None)
    asked = marks_of(month_events)
    for row in levels:
        row.mark = asked.get((row.level.pk, row.result.starts_on)) if row.result else None
    booked = vars(money)["booked"] if money else {}
    numbers = {one.kind: int(one.number or 0) for one in month_events if one.kind in ("waiting", "live")}
    names = {row.level.pk: row.level.name for row in levels}
    held = rules_of(contract, month_events, names)
    return {
        "card": card,
        "edition": edition_of(month_events),
        "change": change(card, before),
        "grade": grade_of(contract, card),
        "note": note_of(card, levels, bool(numbers["waiting"]), month, today, contract.timezone),
        "groups": groups_of(card, levels) if card else unscored(find.alignments(contract), levels, month),
        "parts": parts_of(groups_of(card, levels)),
        "lost": lost(card),
        "levels": levels,
        "live": numbers["live"],
        "reported": [one for one in month_events if one.kind == "reported"],
        "anything_due": any(row.now for row in levels),
        "money": money,
        "money_rows": money_rows(contract, money, [row.level for row in levels]),
        "balance": booked["total"] if booked.get("last") else None,
        "triggered_rules": held,
        # What was near in a month that is over says nothing to anybody.
        "running": running,
        "upcoming": _upcoming(contract, levels, month, [rule for rule, _ in held], member) if running else [],
        "breaches": breaches_of(month_events, [row.level for row in levels]),
        "history": history_of(month_events, names),
    }


def _upcoming(
    contract: Contract, levels: list[Level], month: date, held: list[str], member: Membership
) -> list[UpcomingConsequence]:
    return upcoming(contract, levels, month, held, SAID_TO_VENDOR if member.is_vendor else None)


def _tabs(request: MemberRequest, contract: Contract, live: int) -> list[dict[str, Any]]:
    """The contract's other pages."""
    member = request.membership
    of_contract = f"?contract={contract.pk}"
    tabs: list[dict[str, Any]] = [
        {"label": "Terms", "url": address("contract", member, contract.pk)},
        {"label": "Scorecard", "url": request.path, "current": True},
        {"label": "Submissions", "url": f"{address('submissions', member)}{of_contract}"},
        {
            "label": "Breaches",
            "url": f"{address('breaches', member)}{of_contract}",
            "count": live or None,
        },
        {"label": "Credits", "url": address("ledger", member, contract.pk)},
        {"label": "Review packs", "url": address("handed-packs", member) if member.is_vendor else ""},
    ]
    return [tab for tab in tabs if tab["url"]]


@require_GET
@allows("scorecard.view")
def scorecards(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """The contracts that have a scorecard; straight to it where there is one."""
    contracts = list(find.contracts_seen())
    if len(contracts) == 1:
        return redirect("scorecard", organisation, contracts[0].pk)
    owner = owner_filter(request.GET.get("owner", ""), request.membership, timezone.now())
    shown = [contract for contract in contracts if not owner.mine or contract.pk in owner.held]
    editions = find.last_editions([contract.pk for contract in shown])
    rows = [(contract, editions.get(contract.pk)) for contract in shown]
    export = Export.asked("scorecards", exports.SCORECARDS, request.GET, owner.kept)
    if export:
        return export.answer(lambda: rows, len(rows))
    context = {"rows": rows, "export": export, "owner": owner, "owners": owner.choices({})}
    return render_part(request, "dashboards/scorecards.html", "scorecards", context)


@require_GET
@allows("scorecard.view")
def contract_month(request: MemberRequest, organisation: str, contract: int, month: str) -> HttpResponse:
    """The short address of a contract's month, as it stands in alerts."""
    found = get_object_or_404(Contract, pk=contract)
    if month_of(month) is None:
        raise Http404("No month.")
    return redirect(f"{reverse('scorecard', args=[organisation, found.pk])}?period={month}")
