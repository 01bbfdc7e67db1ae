"""Submissions by month, and those of one contract."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, QuerySet, When
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.mine import chosen as chosen_owner
from contracts.models import Contract
from contracts.querysets import span as span_of
from lib import months
from lib.htmx import render_part
from lib.paging import page_number, page_of
from lib.tables import MOST, Export
from lib.whole_numbers import whole
from measurements.models import Submission
from measurements.querysets import month_state
from measurements.rules import LIVE
from measurements.wording import STATES as STATUS_STYLES
from organisations.access import allows
from organisations.actions import own_members
from organisations.models import Membership
from organisations.requests import MemberRequest
from reporting import exports
from reporting.querysets import Reporting, reporting_of

LIST = "reporting/submissions.html"
SHOWN = 25  # contracts on a page
NOT_LISTED = ("document", "calendar", "charges", "credits", "rules", "scorecard")  # what no row says
URGENCY = ("late", "returned", "submitted", "due", "draft", "not_due", "accepted")


@require_safe
@allows("submission.view")
def submissions(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """All contracts with what they have reported for a month; with ?contract= the months of one contract."""
    now = timezone.now()
    chosen = request.GET.get("contract", "")
    found = Contract.objects.select_related("vendor").defer(*NOT_LISTED).order_by("vendor__name", "reference")
    if (asked := whole(chosen)) is not None and (contract := found.filter(pk=asked).first()) is not None:
        return _of_contract(request, contract)
    span = span_of(now, request.membership.pk)
    this_month = span.this_month(now)
    first = span.first.replace(day=1) if span.first else this_month
    month = months.month_of(request.GET.get("period", "")) or months.after(this_month, -1)
    month = min(max(month, first), this_month)
    state = request.GET.get("state", "")
    state = state if state in URGENCY else ""
    number = page_number(request.GET.get("page", ""))
    owner = chosen_owner(request.GET.get("owner", ""), span.held)
    kept = {**({"state": state} if state else {}), **owner.kept}
    export = Export.asked("submissions", exports.COLUMNS, request.GET, {"period": f"{month:%Y-%m}", **kept})
    if export:
        every = reporting_of(month, now, contracts=owner.contracts, urgency=URGENCY, state=state, shown=MOST, number=1)
        return export.answer(lambda: _rows(every.page, found, month, now, request.membership), len(every.page))
    listed = _listed(month, now, owner.contracts, state, number)
    expecting = sum(listed.counts.values())
    others = {"state": state} if state else {}
    decides = request.membership.may("submission.decide")
    context = {
        "month": month,
        "export": export,
        "period": months.stepper(month, first=first, last=this_month, kept=kept),
        "page": page_of(listed.page, listed.counts.get(state, 0) if state else expecting, SHOWN, number),
        "query": f"{urlencode({'period': f'{month:%Y-%m}', **kept})}&",
        "rows": _rows(listed.page, found, month, now, request.membership),
        "all": expecting,
        "under_way": _under_way(owner.of(Submission.objects.exclude(month=month), "contract_id")),
        "state": state,
        "owner": owner,
        "owners": owner.choices({"period": f"{month:%Y-%m}", **others}),
        "state_word": STATUS_STYLES[state][2].lower() if state else "",
        "handed_over": listed.handed_over,
        "late": listed.counts.get("late", 0),
        "chips": _chips(listed.counts, expecting, state, {"period": f"{month:%Y-%m}", **owner.kept}),
        "may_import": request.membership.may("figures.import"),
        "may_decide": decides,
        "own": own_members(request.membership) if decides else (),
    }
    return render_part(request, LIST, "submissions", context)


def _chips(counts: Mapping[str, int], expecting: int, state: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    """The filters: all, and each state that there is. None where there is nothing to choose."""
    chips = [
        {"label": STATUS_STYLES[name][2], "count": counts.get(name, 0), "on": name == state, "url": _query(kept, name)}
        for name in URGENCY
        if name in counts or name == state
    ]
    every = {"label": "All", "count": expecting, "on": not state, "url": _query(kept, "")}
    return [every, *chips] if chips else []


def _query(kept: dict[str, str], state: str) -> str:
    return f"?{urlencode({**kept, **({'state': state} if state else {})})}"


def _listed(month: date, now: datetime, contracts: list[int] | None, state: str, number: int) -> Reporting:
    """A page of the contracts with a period that ends in the month; beyond the last page the last one."""
    given: dict[str, Any] = {"contracts": contracts, "urgency": URGENCY, "state": state, "shown": SHOWN}
    listed = reporting_of(month, now, number=number, **given)
    count = listed.counts.get(state, 0) if state else sum(listed.counts.values())
    if listed.page or not count:
        return listed
    return reporting_of(month, now, number=-(-count // SHOWN), **given)


def _rows(
    listed: list[tuple[int, str]], found: QuerySet[Contract], month: date, now: datetime, member: Membership
) -> list[dict[str, Any]]:
    """The rows of a page of the list. Three statements."""
    contracts = found.in_bulk([pk for pk, _ in listed])
    states = month_state(contracts.values(), month, now)
    there = Submission.objects.in_bulk([pk for one in states.values() for pk in (one.live_id, one.accepted_id) if pk])
    rows = []
    for contract_id, name in listed:
        contract, state = contracts[contract_id], states[contract_id]
        live = there.get(state.live_id or 0)
        closed = live is not None and live.is_closed_to(member)
        done = state.counts["submitted"] + state.counts["accepted"] + state.counts["returned"]
        done += 0 if closed else state.drafted
        sent = there.get(state.accepted_id or state.live_id or 0)
        look, shape, word = STATUS_STYLES[name]
        rows.append(
            {
                "contract": contract,
                "state": state,
                "there": done,
                "submission_id": state.live_id or state.accepted_id,
                "name": name,
                "look": look,
                "shape": shape,
                "word": word,
                "draft": state.live_status == "draft",
                "by": sent.submitted_by_name if sent else "",
            }
        )
    return rows


def _under_way(others: QuerySet[Submission]) -> list[tuple[Any, ...]]:
    """What is a draft, returned or waiting in other months, with its look: the most urgent first, as many as a page has. One statement."""
    urgency = Case(
        *(When(status=name, then=at) for at, name in enumerate(URGENCY) if name in LIVE), default=len(URGENCY)
    )
    found = others.filter(status__in=LIVE).select_related("contract__vendor")
    return [(one, *STATUS_STYLES[one.status]) for one in found.order_by(urgency, "month", "pk")[:SHOWN]]


def _of_contract(request: MemberRequest, contract: Contract) -> HttpResponseBase:
    """The revisions of one contract, newest first."""
    found = Submission.objects.filter(contract=contract).select_related("contract").order_by("-month", "-revision")
    member = request.membership
    rows = [(one, *STATUS_STYLES[one.status], "" if one.is_closed_to(member) else one.reason) for one in found]
    export = Export.asked("submissions", exports.REVISIONS, request.GET, {"contract": str(contract.pk)})
    if export:
        return export.answer(lambda: rows, len(rows))
    context = {
        "contract": contract,
        "export": export,
        "revisions": rows,
        "may_import": member.may("figures.import"),
    }
    return render_part(request, "reporting/contract_submissions.html", "submissions", context)
