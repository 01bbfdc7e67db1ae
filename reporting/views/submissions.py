"""Submissions by month, and those of one contract."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, When
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.models import Contract
from lib import months
from lib.htmx import render_part
from measurements.models import Submission
from measurements.querysets import MonthState, month_state
from measurements.rules import LIVE
from measurements.wording import STATES as STATUS_STYLES
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest

LIST = "reporting/submissions.html"
SHOWN = 25  # contracts on a page
NOT_LISTED = ("document", "calendar", "charges", "credits", "rules", "scorecard")  # what no row says
Listed = tuple[str, Contract, MonthState]  # the name of the state that is shown, whose it is, and the whole of it
URGENCY = ("late", "returned", "submitted", "due", "draft", "not_due", "accepted")


@require_safe
@allows("submission.view")
def submissions(request: MemberRequest, organisation: str) -> HttpResponse:
    """All contracts with what they have reported for a month; with ?contract= the months of one contract."""
    now = timezone.now()
    chosen = request.GET.get("contract", "")
    found = Contract.objects.select_related("vendor").defer(*NOT_LISTED).order_by("vendor__name", "reference")
    if chosen.isascii() and chosen.isdigit() and (contract := found.filter(pk=chosen[:18]).first()) is not None:
        return _of_contract(request, contract)
    contracts = list(found)
    this_month = max((one.day(now) for one in contracts), default=now.date()).replace(day=1)
    first = min((one.starts_on.replace(day=1) for one in contracts), default=this_month)
    month = months.month_of(request.GET.get("period", "")) or months.after(this_month, -1)
    month = min(max(month, first), this_month)
    listed = _by_urgency(contracts, month, now)
    state = request.GET.get("state", "")
    state = state if state in URGENCY else ""
    counts = Counter(name for name, _, _ in listed)
    kept = {"state": state} if state else {}
    page = Paginator([row for row in listed if not state or row[0] == state], SHOWN).get_page(request.GET.get("page"))
    context = {
        "month": month,
        "period": months.stepper(month, first=first, last=this_month, kept=kept),
        "page": page,
        "query": f"{urlencode({'period': f'{month:%Y-%m}', **kept})}&",
        "rows": _rows(page.object_list, request.membership),
        "all": len(listed),
        "under_way": _under_way(month),
        "state": state,
        "state_word": STATUS_STYLES[state][2].lower() if state else "",
        "handed_over": sum(1 for _, _, one in listed if one.counts["submitted"] or one.counts["accepted"]),
        "late": counts["late"],
        "chips": [(name, STATUS_STYLES[name][2], counts[name]) for name in URGENCY if counts[name] or name == state],
        "may_import": request.membership.may("figures.import"),
        "may_decide": request.membership.may("submission.decide"),
    }
    return render_part(request, LIST, "submissions", context)


def _by_urgency(contracts: list[Contract], month: date, now: datetime) -> list[Listed]:
    """Contracts with a period that ends in the month, the most urgent first. Accepted figures stand, but their correction is what is
    to be done."""
    states = month_state(contracts, month, now)
    listed = [
        (one.live_status or one.state if one.state == "accepted" else one.state, contract, one)
        for contract in contracts
        if (one := states[contract.pk]).expected
    ]
    return sorted(listed, key=lambda row: URGENCY.index(row[0]))


def _rows(listed: Iterable[Listed], member: Membership) -> list[dict[str, Any]]:
    """The rows of a page of the list. One statement."""
    shown = list(listed)
    there = Submission.objects.in_bulk([pk for _, _, one in shown for pk in (one.live_id, one.accepted_id) if pk])
    rows = []
    for name, contract, state in shown:
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


def _under_way(month: date) -> list[tuple[Any, ...]]:
    """What is a draft, returned or waiting in other months, with its look: the most urgent first, as many as a page has. One statement."""
    urgency = Case(
        *(When(status=name, then=at) for at, name in enumerate(URGENCY) if name in LIVE), default=len(URGENCY)
    )
    found = Submission.objects.filter(status__in=LIVE).exclude(month=month).select_related("contract__vendor")
    return [(one, *STATUS_STYLES[one.status]) for one in found.order_by(urgency, "month", "pk")[:SHOWN]]


def _of_contract(request: MemberRequest, contract: Contract) -> HttpResponse:
    """The revisions of one contract, newest first."""
    found = Submission.objects.filter(contract=contract).order_by("-month", "-revision")
    member = request.membership
    rows = [(one, *STATUS_STYLES[one.status], "" if one.is_closed_to(member) else one.reason) for one in found]
    context = {
        "contract": contract,
        "revisions": rows,
        "may_import": member.may("figures.import"),
    }
    return render_part(request, "reporting/contract_submissions.html", "submissions", context)
