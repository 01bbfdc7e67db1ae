"""Breaches in the browser: the list, one of them with how it came about, and answering it."""

import json
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from breaches import exports
from breaches.actions import acknowledge as acknowledge_breach
from breaches.actions import undo_acknowledge
from breaches.actions.escalation import ladder_of
from breaches.forms import BOTH, AcknowledgeForm, SayForm
from breaches.models import Breach, Escalation, Excusal, Watcher
from breaches.pages.breach import PlanCard, counted, family_of, plan_card, stages, thread
from breaches.pages.narrowing import Charges, Narrowing, charges_on
from breaches.querysets import BreachQuerySet, said_about
from breaches.rules import ENDED, LIVE, Status
from breaches.wording import describe_breach, describe_reading, describe_streak, format_period
from contracts.mine import owner_filter
from contracts.models import Contract
from disputes.pages.marks import marks
from evaluation.models import Judgement, PastResult, Result
from explanations.explanation import Explanation, explain_rows
from explanations.rows import gather, with_parts
from lib.errors import Conflict
from lib.htmx import done, render_part, seen_version, trigger, wants_part
from lib.json_rows import instances
from lib.paging import page_number, page_of
from lib.posts import posted_from
from lib.tables import CHUNK, Export, in_chunks
from lib.templatetags.numbers import format_ordinal
from lib.whole_numbers import whole
from notifications.models import Notification
from organisations.access import allows
from organisations.ladder import ladder_from
from organisations.models import Membership, Vendor
from organisations.requests import MemberRequest
from slas.models import ServiceLevel

PAGE = 25
STATUS_STYLES = {
    Status.OPEN: "breach",
    Status.ACKNOWLEDGED: "risk",
    Status.PLAN: "risk",
    Status.VERIFIED: "met",
    Status.CLOSED: "lock",
    Status.DISPUTED: "info",
    Status.EXCUSED: "none",
    Status.WAIVED: "none",
    Status.RESTATED: "none",
}
SAID_OF_RESULT = (
    *("service_level_id", "starts_on", "outcome", "band_outcome", "value", "streak", "points"),
    "terms__full",
)
# The filter's words: what each leaves of the breaches.
# A breach is open until it is closed; to acknowledge it says that somebody deals with it, and leaves it open.
GROUPS = {
    "live": "Open",
    "open": "Not acknowledged",
    "acknowledged": "Acknowledged",
    "closed": "Closed",
    "restated": "Restated",
    "all": "All",
}


@require_GET
@allows("breach.view")
def breaches(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?status=open&contract=7&vendor=V-1&owner=all&page=2`; without a status those that are not closed yet. Of one contract all are shown.

    The client's people narrow it further: `severity=critical`, `rung=2` (as far as it was escalated), `charge=17` (who is in charge).
    """
    status, member, now = request.GET.get("status", ""), request.membership, timezone.now()
    status = status if status in GROUPS else "live"
    narrowing = Narrowing() if member.is_vendor else Narrowing.asked(request.GET)
    charges = Charges({}) if member.is_vendor else charges_on(now)
    owner = owner_filter(request.GET.get("owner", ""), member, now)
    found = Breach.objects.all() if narrowing.charge else owner.of(Breach.objects.all(), "contract_id")
    contract = vendor = None
    if (code := request.GET.get("vendor", "")) and not member.is_vendor:
        vendor = get_object_or_404(Vendor, code=code[:60])
        found = found.filter(vendor=vendor)
    if (asked := whole(request.GET.get("contract", ""))) is not None:
        contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=asked)
        found = Breach.objects.filter(contract=contract)
    found = narrowing.of(found, charges)
    every: dict[tuple[str, str], int] = {
        (status, severity): count
        for status, severity, count in found.order_by().values_list("status", "severity").annotate(count=Count("pk"))
    }
    counts: Counter[str] = Counter()
    for (one, severity), count in every.items():
        counts[one] += count if narrowing.severity in ("", severity) else 0
    found = found.filter(severity=narrowing.severity) if narrowing.severity else found
    listed = in_group(found, status)
    others = {"contract": str(contract.pk) if contract else "", "status": "" if status == "live" else status}
    others["vendor"] = vendor.code if vendor and not contract else ""
    others = {name: value for name, value in others.items() if value} | narrowing.kept
    state = {**others, **owner.kept}
    export = Export.asked("breaches", exports.COLUMNS, request.GET, state)
    if export:
        return export.answer(lambda: in_chunks(listed.with_names().iterator(CHUNK), _rows), count_of(status, counts))
    page = page_of((), count_of(status, counts), PAGE, page_number(request.GET.get("page", "")))
    context = {
        "page": page,
        "export": export,
        "rows": _with_charge(_rows(_page(listed, page, member)), charges),
        "menus": [] if member.is_vendor else narrowing.menus(every, statuses_of(status), charges, state),
        "narrowed": bool(narrowing.kept),
        "contract": contract,
        "vendor": vendor,
        "owner": owner,
        "owners": owner.choices(others),
        "status": status,
        "may_answer": request.membership.may("breach.acknowledge"),
        "live": count_of("live", counts),
        "new": counts.get(Status.OPEN, 0),
        "filters": _filters(status, counts, state),
        "query": "".join(f"{urlencode({name: value})}&" for name, value in state.items()),
    }
    return render_part(request, "breaches/list.html", "breaches", context)


def _filters(status: str, counts: dict[str, int], state: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "count": count_of(name, counts),
            "on": name == status,
            "url": f"?{urlencode({**state, 'status': name})}",
        }
        for name, label in GROUPS.items()
    ]


def _page(listed: BreachQuerySet, page: Any, member: Membership) -> list[Breach]:
    rows = listed.cut(page.start_index() - 1, page.end_index())
    return list(rows if member.is_vendor else rows.with_rung())


def _with_charge(rows: list[dict[str, Any]], charges: Charges) -> list[dict[str, Any]]:
    """Who is in charge of each, where the list is narrowed by it or shows it."""
    for row in rows:
        _, row["charge"] = charges.by_contract.get(row["breach"].contract_id, (0, ""))
    return rows


def in_group(found: BreachQuerySet, group: str) -> BreachQuerySet:
    return found.filter(status__in=statuses_of(group))


def statuses_of(group: str) -> tuple[str, ...]:
    """The states of a filter's word."""
    if group == "live":
        return tuple(LIVE)
    if group == "acknowledged":
        return tuple(status for status in LIVE if status != Status.OPEN)
    if group == "closed":
        return ENDED
    return tuple(Status.values) if group == "all" else (group,)


def count_of(group: str, counts: dict[str, int]) -> int:
    return sum(counts.get(status, 0) for status in statuses_of(group))


def _rows(found: list[Breach]) -> list[dict[str, Any]]:
    """Breaches with what is said of each, in one statement for the results of all."""
    slots = {
        "service_level_id__in": {breach.service_level_id for breach in found},
        "starts_on__in": {breach.starts_on for breach in found},
    }
    results = Result.objects.filter(**slots).select_related("terms").only(*SAID_OF_RESULT) if found else ()
    by_slot = {(result.service_level_id, result.starts_on): result for result in results}
    return [said_of(breach, by_slot.get((breach.service_level_id, breach.starts_on))) for breach in found]


def said_of(breach: Breach, result: Result | None = None) -> dict[str, Any]:
    """A breach in words. Without a result (it is judged again just now) only its slot."""
    level = breach.service_level
    said = {"title": f"{level.name} in breach", "reading": "", "repeated": ""}
    if result is not None:
        clauses = {"band_outcome": result.band_outcome, "clauses": result.terms.full}
        said = {
            "title": describe_breach(name=level.name, outcome=result.outcome, **clauses),
            "reading": _reading(result, level),
            "repeated": describe_streak(result.streak, level.cycle),
        }
    return {
        "breach": breach,
        "result": result,
        "look": STATUS_STYLES[Status(breach.status)],
        "when": format_period(breach.period.cycle, breach.period.starts_on, breach.period.ends_on),
        "live": breach.status in LIVE,
        **said,
    }


def _reading(result: Judgement, level: ServiceLevel) -> str:
    """The value of a result, or of one that held before, beside what it was measured against."""
    given = {"clauses": result.terms.full, "unit": level.measure.get("unit") or "", "cycle": level.cycle}
    return describe_reading(value=result.value, band_outcome=result.band_outcome, **given)


def find_breach(pk: int) -> Breach:
    """With its plan, if it has one. Http404 where it is not in scope."""
    found: Breach = get_object_or_404(Breach.objects.with_names(), pk=pk)
    found.contract.vendor = found.vendor
    if found.plan:
        found.plan.contract = found.contract
    return found


@require_GET
@allows("breach.view")
def breach(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    return render_part(request, "breaches/page.html", "breach", page_context(request, find_breach(breach)))


def page_context(request: MemberRequest, found: Breach) -> dict[str, Any]:
    """The page of one breach: at most ten statements besides the breach, and four for its plan."""
    slot = {"service_level_id": found.service_level_id, "starts_on": found.starts_on}
    result = with_parts("terms").filter(**slot).first()
    if result:
        result.contract, result.service_level, result.period = found.contract, found.service_level, found.period
    rows = gather([result])[0] if result else None
    former = (
        rows.earlier
        if rows
        else PastResult.objects.filter(**slot).with_causes().select_related("terms").order_by("revision")
    )
    past = list(reversed(former))
    row, explanation = said_of(found, result), explain_rows(rows) if rows else None
    member, now = request.membership, timezone.now()
    said = said_about(found.pk, found.service_level_id, own=not member.is_vendor)
    card, lines = plan_card(found, now), thread(found, past, member, said)
    watchers = instances(Watcher, said.watchers)
    rungs = instances(Escalation, said.rungs)
    return {
        **row,
        "past": [(format_ordinal(one.revision), one, _reading(one, found.service_level)) for one in past],
        "stages": stages(found, card),
        "plan": card,
        "lines": lines,
        "said": counted(lines),
        "family": family_of(said),
        "watchers": watchers,
        "watches": any(one.member_id == member.pk for one in watchers),
        "may_watch": member.may("breach.watch"),
        "ladder": [] if member.is_vendor else ladder_of(found, rungs, ladder_from(json.loads(said.ladder))),
        "excusal": next((one for one in instances(Excusal, said.excusals) if one.status == "proposed"), None),
        "say": say_form(found, member) if member.may("breach.discuss") else None,
        "form": AcknowledgeForm(initial={"note": found.note}),
        "is_open": found.status == Status.OPEN,
        "is_acknowledged": found.status == Status.ACKNOWLEDGED,
        "incident": result.incident if result else "",
        "explanation": explanation,
        "steps": _steps(explanation) if explanation else [],
        "mark": marks(found.contract_id, [found.month]).get((found.service_level_id, found.starts_on)),
        **may_do(found, member, card),
    }


def may_do(breach: Breach, member: Membership, card: PlanCard | None) -> dict[str, bool]:
    """Which acts the page offers: what the member may do, and what the breach's state allows."""
    asking = breach.status in (Status.OPEN, Status.ACKNOWLEDGED)
    return {
        "may_answer": member.may("breach.acknowledge"),
        "may_ask": asking and member.may("plan.ask"),
        "may_propose": card is not None and (card.wanted or card.waits) and member.may("plan.propose"),
        "may_decide": card is not None and card.waits and member.may("plan.decide"),
        "may_report": card is not None and card.under_way and member.may("plan.report"),
        "may_close": breach.status in LIVE and member.may("breach.close"),
        "may_excuse": breach.status in LIVE and member.may("breach.excuse"),
        "may_open": breach.status in ENDED and member.may("breach.close"),
    }


def say_form(breach: Breach, member: Membership, data: Any = None, files: Any = None) -> SayForm:
    """What somebody writes in the thread of a breach."""
    client = member.organisation.name
    return SayForm(
        data,
        files,
        vendor=breach.vendor.name,
        client=client,
        may_note=member.may("breach.note"),
        names_cause=member.is_vendor,
        initial={"to": BOTH},
    )


def _steps(explanation: Explanation) -> list[tuple[str, str]]:
    """How the result came about, one step a line: figures, value, band, streak, points, money."""
    given = (
        [("Given", explanation.report.given), ("Accepted", explanation.report.accepted)] if explanation.report else []
    )
    # The label is the verb already.
    said = [(label, text.removeprefix(f"{label} ")) for label, text in given if text]
    steps = [(label, text[:1].upper() + text[1:]) for label, text in said]
    steps += [("Value", str(explanation.formula))] if explanation.formula else []
    steps += [(line.label, line.text) for line in (*explanation.value, *explanation.judgement)]
    steps += [("Points", explanation.points.written)] if explanation.points else []
    if explanation.money:
        steps += [(line.label, line.text) for line in explanation.money.lines]
    elif explanation.without_money:
        steps.append(("Money", explanation.without_money))
    return steps + [(line.label, line.text) for line in explanation.rules]


@require_http_methods(["GET", "POST"])
@allows("breach.acknowledge")
def acknowledge(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """The note and the button: as a page, and for htmx as a dialog. 409 where somebody else was faster, and says who."""
    found = find_breach(breach)
    context = page_context(request, found)
    if request.method == "GET":
        return render_part(request, "breaches/acknowledge.html", "dialog", context)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return render_part(request, "breaches/acknowledge.html", "dialog", {**context, "form": form}, status=422)
    member = request.membership
    try:
        acknowledge_breach(by=member, breach=found, note=form.cleaned_data["note"], seen=seen_version(request))
    except Conflict:
        again = page_context(request, find_breach(breach)) | {"conflict": True}
        return render_part(request, "breaches/acknowledge.html", "dialog", again, status=409)
    return _answered(request, found, "Breach acknowledged", undo=reverse("breach-undo", args=[organisation, found.pk]))


@posted_from("breach")
@allows("breach.acknowledge")
def undo(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """Takes the acknowledgement back, as long as nothing followed from it."""
    found = find_breach(breach)
    undo_acknowledge(by=request.membership, breach=found, seen=seen_version(request))
    return _answered(request, found, "Breach open again")


def _answered(request: MemberRequest, breach: Breach, text: str, undo: str | None = None) -> HttpResponse:
    """For htmx a toast, and the panels that show breaches refresh themselves; otherwise the page of the breach."""
    if not wants_part(request):
        return redirect("breach", request.membership.organisation.slug, breach.pk)
    counts = {
        "breaches": Breach.objects.live().count(),
        "inbox": Notification.objects.filter(member=request.membership).unread().count(),
    }
    return trigger(done(text, "breaches-changed", undo=undo), "counted", **counts)
