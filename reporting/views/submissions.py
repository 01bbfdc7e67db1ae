"""Submissions by month, and those of one contract."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.models import Contract
from lib import months
from lib.charts import bars
from lib.htmx import render_part
from measurements.models import Submission
from measurements.querysets import month_state
from measurements.rules import LIVE
from measurements.wording import STATES as STATUS_STYLES
from organisations.access import allows
from organisations.models import Membership

LIST = "reporting/submissions.html"
URGENCY = ("late", "returned", "submitted", "due", "draft", "not_due", "accepted")


@require_safe
@allows("submission.view")
def submissions(request: HttpRequest, organisation: str) -> HttpResponse:
    """All contracts with what they have reported for a month; with ?contract= the months of one contract."""
    today = timezone.localdate()
    chosen = request.GET.get("contract", "")
    contracts = list(Contract.objects.select_related("vendor").order_by("vendor__name", "reference"))
    contract = next((one for one in contracts if str(one.pk) == chosen), None)
    if contract is not None:
        return _of_contract(request, contract)
    this_month = today.replace(day=1)
    first = min((one.starts_on.replace(day=1) for one in contracts), default=this_month)
    month = months.month_of(request.GET.get("period", "")) or months.after(this_month, -1)
    month = min(max(month, first), this_month)
    rows = _rows(contracts, month, request.membership)  # type: ignore[attr-defined]
    state = request.GET.get("state", "")
    state = state if state in URGENCY else ""
    counts = {name: sum(1 for row in rows if row["name"] == name) for name in URGENCY}
    kept = {"state": state} if state else {}
    context = {
        "month": month,
        "period": months.stepper(month, first=first, last=this_month, kept=kept),
        "rows": [row for row in rows if not state or row["name"] == state],
        "all": len(rows),
        "under_way": _under_way(month),
        "state": state,
        "state_word": STATUS_STYLES[state][2].lower() if state else "",
        "handed_over": sum(1 for row in rows if row["state"].counts["submitted"] or row["state"].counts["accepted"]),
        "late": counts["late"],
        "chips": [(name, STATUS_STYLES[name][2], counts[name]) for name in URGENCY if counts[name] or name == state],
        "may_import": request.membership.may("figures.import"),  # type: ignore[attr-defined]
        "may_decide": request.membership.may("submission.decide"),  # type: ignore[attr-defined]
    }
    return render_part(request, LIST, "submissions", context)


def _rows(contracts: list[Contract], month: Any, member: Membership) -> list[dict[str, Any]]:
    """Contracts with a period that ends in the month, the most urgent first."""
    states = month_state(contracts, month, timezone.now())
    ids = [pk for one in states.values() for pk in (one.live_id, one.accepted_id) if pk]
    there = Submission.objects.in_bulk(ids)
    rows = []
    for contract in contracts:
        state = states[contract.pk]
        if not state.expected:
            continue
        live = there.get(state.live_id or 0)
        closed = live is not None and live.is_closed_to(member)
        done = state.counts["submitted"] + state.counts["accepted"] + state.counts["returned"]
        done += 0 if closed else state.drafted
        row: dict[str, Any] = {
            "contract": contract,
            "state": state,
            "there": done,
            "width": bars(100 * done / state.expected),
        }
        row["submission_id"] = state.live_id or state.accepted_id
        # Accepted figures stand, but their correction is what is to be done.
        row["name"] = live.status if live and state.state == "accepted" else state.state
        row["look"], row["shape"], row["word"] = STATUS_STYLES[row["name"]]
        row["draft"] = state.live_status == "draft"
        sent = there.get(state.accepted_id or state.live_id or 0)
        row["by"] = sent.submitted_by_name if sent else ""
        rows.append(row)
    return sorted(rows, key=lambda row: URGENCY.index(row["name"]))


def _under_way(month: date) -> list[tuple[Any, ...]]:
    """What is a draft, returned or waiting in other months, with its look, the most urgent first. One statement."""
    found = Submission.objects.filter(status__in=LIVE).exclude(month=month).select_related("contract__vendor")
    return [
        (one, *STATUS_STYLES[one.status])
        for one in sorted(found, key=lambda one: (URGENCY.index(one.status), one.month))
    ]


def _of_contract(request: HttpRequest, contract: Contract) -> HttpResponse:
    """The revisions of one contract, newest first."""
    found = Submission.objects.filter(contract=contract).order_by("-month", "-revision")
    member: Any = request.membership  # type: ignore[attr-defined]
    rows = [(one, *STATUS_STYLES[one.status], "" if one.is_closed_to(member) else one.reason) for one in found]
    context = {
        "contract": contract,
        "revisions": rows,
        "may_import": member.may("figures.import"),
    }
    return render_part(request, "reporting/contract_submissions.html", "submissions", context)
