"""Triggered rules in the browser: the list, and one of them with what was decided about it."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from breaches import exports
from breaches.actions import decide_on_consequence
from breaches.forms import ConsequenceForm
from breaches.models import Consequence
from breaches.rules.consequences import DECISIONS, FOLLOWS, ConsequenceStatus, is_over
from contracts.mine import owner_filter
from contracts.models import Contract
from contracts.wording import describe_triggered
from evaluation.models import TriggeredRule
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.months import after, month_of
from lib.posts import posted_from
from lib.tables import CHUNK, Export
from lib.templatetags.numbers import number
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = 30
GROUPS = {
    "open": ("To decide", (ConsequenceStatus.OPEN,)),
    "decided": ("Decided", DECISIONS),
    "withdrawn": ("Withdrawn", (ConsequenceStatus.WITHDRAWN,)),
    "all": ("All", tuple(ConsequenceStatus.values)),
}
LOOKS = {
    ConsequenceStatus.OPEN: "risk",
    ConsequenceStatus.USED: "info",
    ConsequenceStatus.LAPSED: "none",
    ConsequenceStatus.WAIVED: "none",
    ConsequenceStatus.WITHDRAWN: "met",
}


@require_safe
@allows("rule.view")
def consequences(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?status=open&contract=7&owner=all&page=2`; without a status those that nobody has decided about."""
    status = request.GET.get("status", "")
    status = status if status in GROUPS else "open"
    owner = owner_filter(request.GET.get("owner", ""), request.membership, timezone.now())
    found, contract = owner.of(Consequence.objects.all(), "contract_id"), None
    if (asked := whole(request.GET.get("contract", ""))) is not None:
        contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=asked)
        found = Consequence.objects.filter(contract=contract)
    counts = dict(found.order_by().values_list("status").annotate(count=Count("pk")))
    rows = found.filter(status__in=GROUPS[status][1]).select_related("contract__vendor", "service_level")
    rows = rows.order_by("-since", "-pk")
    others = {"contract": str(contract.pk) if contract else "", "status": "" if status == "open" else status}
    others = {name: value for name, value in others.items() if value}
    state = {**others, **owner.kept}
    export = Export.asked("triggered-rules", exports.TRIGGERED, request.GET, state)
    if export:
        return export.answer(
            lambda: map(said_of, rows.iterator(CHUNK)), sum(counts.get(one, 0) for one in GROUPS[status][1])
        )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "export": export,
        "rows": [said_of(one) for one in page],
        "contract": contract,
        "owner": owner,
        "owners": owner.choices(others),
        "status": status,
        "filters": [
            {
                "label": label,
                "count": sum(counts.get(one, 0) for one in statuses),
                "on": name == status,
                "url": f"?{urlencode({**state, 'status': name})}",
            }
            for name, (label, statuses) in GROUPS.items()
        ],
        "query": "".join(f"{urlencode({name: value})}&" for name, value in state.items()),
    }
    return render_part(request, "breaches/consequences.html", "consequences", context)


def said_of(found: Consequence) -> dict[str, Any]:
    """An item in words: what was counted beside the limit, and until when it can be used."""
    contract = found.contract
    rule = next((one for one in contract.rules or [] if one["name"] == found.rule), None)
    return {
        "consequence": found,
        "follows": FOLLOWS[found.then],
        "counted": describe_triggered(rule, found.measured) if rule else number(found.measured),
        "look": LOOKS[ConsequenceStatus(found.status)],
        "over": is_over(found.usable_until, contract.day(timezone.now())),
        "is_open": found.status == ConsequenceStatus.OPEN,
    }


@require_safe
@allows("rule.view")
def consequence(request: MemberRequest, organisation: str, consequence: int) -> HttpResponse:
    return _show(request, _find(consequence))


@require_safe
@allows("result.view")
def rules_of_month(request: MemberRequest, organisation: str, contract: int, month: str) -> HttpResponse:
    """The rules that are triggered in a month, with what was counted and since when: for the vendor those that the contract tells it of.
    Where one was withdrawn since somebody was notified of it, the page says so."""
    found = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract)
    first = month_of(month)
    if first is None:
        raise Http404
    rows = TriggeredRule.objects.filter(contract=found, month__lte=first).select_related("service_level")
    context = {"contract": found, "month": first, "rules": triggered_in(found, first, rows)}
    return render_part(request, "breaches/rules_of_month.html", "rules", context)


def triggered_in(contract: Contract, month: date, found: Iterable[TriggeredRule]) -> list[dict[str, Any]]:
    """Each rule that holds in the month, of `found` up to it, in words; `since`: the first of the months in a row in which it does."""
    held = {(one.rule, one.service_level_id, one.month) for one in found}
    rows = []
    for one in sorted((one for one in found if one.month == month), key=lambda one: (one.rule, one.pk)):
        since = month
        while (one.rule, one.service_level_id, after(since, -1)) in held:
            since = after(since, -1)
        rule = next((rule for rule in contract.rules or [] if rule["name"] == one.rule), None)
        counted = describe_triggered(rule, one.measured) if rule else number(one.measured)
        rows.append({"triggered": one, "follows": FOLLOWS[one.then], "since": since, "counted": counted})
    return rows


def _find(pk: int) -> Consequence:
    return get_object_or_404(Consequence.objects.select_related("contract__vendor", "service_level"), pk=pk)


def _show(
    request: MemberRequest, found: Consequence, status: int = 200, form: ConsequenceForm | None = None
) -> HttpResponse:
    said = said_of(found)
    may_decide = found.status != ConsequenceStatus.WITHDRAWN and request.membership.may("rule.decide")
    context = {**said, "steps": list(found.steps.all()), "may_decide": may_decide, "form": form or _form(said)}
    return render_part(request, "breaches/consequence.html", "consequence", context, status=status)


def _form(said: dict[str, Any], data: Any = None) -> ConsequenceForm:
    return ConsequenceForm(data, use=said["follows"].use, usable=not said["over"])


@posted_from("consequence")
@allows("rule.decide")
def decide(request: MemberRequest, organisation: str, consequence: int) -> HttpResponse:
    """Use it, let it lapse, or waive it. 409 where somebody decided, or a correction withdrew it, meanwhile."""
    found = _find(consequence)
    form = _form(said_of(found), request.POST)
    if not form.is_valid():
        return _show(request, found, 422, form)
    try:
        decide_on_consequence(
            by=request.membership,
            consequence=found,
            decision=ConsequenceStatus(form.cleaned_data["decision"]),
            reason=form.cleaned_data["reason"],
            seen=seen_version(request),
        )
    except Refused as refused:
        refused.add_to(form)
        return _show(request, _find(consequence), refused.status, form)
    return redirect("consequence", organisation, found.pk)
