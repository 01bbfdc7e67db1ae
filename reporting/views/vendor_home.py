"""What a vendor has to do for one client, and how it stands."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from breaches.models import Breach
from breaches.rules import Status as BreachStatus
from breaches.wording import describe_breach, describe_reading, format_parts, format_period
from contracts.models import Contract
from evaluation.models import Result
from lib import months
from lib.charts import Point, spark
from lib.htmx import render_part
from lib.templatetags.dates import month_name
from measurements.models import Submission
from measurements.querysets import MonthState, late_months, month_states
from measurements.rules import LIVE, Status
from measurements.wording import STATES
from organisations.access import allows
from organisations.requests import MemberRequest
from scorecards.models import Publication, Scorecard

PAGE = "reporting/vendor_home.html"
LOOKED_BACK = 6  # months before this one in which something may still be owed
SCORED = 12  # months of the score's line
URGENCY = ("late", "returned", "due", "draft", "submitted", "not_due")


@require_safe
@allows("vendor_home.view")
def vendor_home(request: MemberRequest, organisation: str) -> HttpResponse:
    """The task list over all contracts that the vendor has with this client. The number of statements is constant."""
    now = timezone.now()
    contracts = list(Contract.objects.select_related("vendor").order_by("reference"))
    # The furthest day of its contracts: where it is the first of a month already, that month is on the list.
    this_month = max((one.day(now) for one in contracts), default=now.date()).replace(day=1)
    looked_at = [months.after(this_month, -back) for back in range(LOOKED_BACK, -1, -1)]
    tasks = _tasks(contracts, looked_at, now)
    earlier = late_months(contracts, looked_at[0], now)
    breaches = _breaches()
    context = {
        "contracts": contracts,
        "tasks": tasks,
        "breaches": breaches,
        "cards": _cards(contracts, this_month, now),
        "earlier": [(one, *earlier[one.pk]) for one in contracts if one.pk in earlier],
        "stats": _stats(tasks, sum(count for count, _ in earlier.values()), breaches),
        "may_import": request.membership.may("figures.import"),
    }
    return render_part(request, PAGE, "home", context)


def _tasks(contracts: list[Contract], looked_at: list[date], now: datetime) -> list[dict[str, Any]]:
    """A row for each contract and month that is not done, the most urgent first; the open month closes the list."""
    states = month_states(contracts, looked_at, now)
    live = {
        (one.contract_id, one.month): one
        for one in Submission.objects.filter(contract__in=contracts, status__in=LIVE).order_by("month")
    }
    rows = [
        _task(contract, month, states[contract.pk, month], live.get((contract.pk, month)))
        for month in looked_at
        for contract in contracts
        if states[contract.pk, month].state not in ("", "accepted") or (contract.pk, month) in live
    ]
    by_id = {contract.pk: contract for contract in contracts}
    rows += [  # older ones that were begun and not finished
        _task(by_id[pk], month, MonthState(month, by_id[pk].day(now), due_on=one.day_of_return), one)
        for (pk, month), one in live.items()
        if month < looked_at[0]
    ]
    return sorted(rows, key=lambda row: (URGENCY.index(row["state"]), row["month"]))


def _task(contract: Contract, month: date, state: MonthState, live: Submission | None) -> dict[str, Any]:
    name = state.state or "draft"
    if live is not None and live.status != Status.DRAFT and name not in ("late", "due"):
        name = str(live.status)
    elif live is not None and live.status == Status.DRAFT and name in ("not_due", "accepted"):
        name = "draft"
    look, shape, word = STATES[name]
    return {
        "contract": contract,
        "month": month,
        "state": name,
        "look": look,
        "shape": shape,
        "word": word,
        "due_on": state.due_on,
        "today": state.today,
        "there": state.counts["submitted"] + state.counts["accepted"] + state.counts["returned"] + state.drafted,
        "expected": state.expected,
        "missing": state.counts[name] if name in ("late", "due") else 0,
        "submission": live,
        "reason": live.return_reason if live is not None and live.status == Status.RETURNED else "",
    }


def _breaches() -> list[dict[str, Any]]:
    """Open breaches, in the words of the inbox. Two statements."""
    found = list(Breach.objects.live().with_names())
    results = {
        (one.service_level_id, one.starts_on): one
        for one in Result.objects.filter(
            service_level__in={one.service_level_id for one in found}, starts_on__in={one.starts_on for one in found}
        ).select_related("terms")
    }
    rows = []
    for breach in found:
        result, level = results.get((breach.service_level_id, breach.starts_on)), breach.service_level
        period = breach.period
        said = ""
        row = {"breach": breach, "title": level.name}
        if result is not None:
            clauses, unit = result.terms.full, level.measure.get("unit") or ""
            row["title"] = describe_breach(
                name=level.name, outcome=result.outcome, band_outcome=result.band_outcome, clauses=clauses
            )
            given = {"clauses": clauses, "unit": unit, "cycle": level.cycle}
            said = describe_reading(value=result.value, band_outcome=result.band_outcome, **given)
        row["meta"] = format_parts(
            format_period(period.cycle, period.starts_on, period.ends_on),
            breach.contract.reference,
            said,
            "" if breach.status == BreachStatus.OPEN else breach.stands.lower(),
        )
        rows.append(row)
    return rows


def _cards(contracts: list[Contract], this_month: date, now: datetime) -> list[dict[str, Any]]:
    """The latest scorecard of each contract, whether it is published and waits for an answer, with a line of its last months. Three
    statements."""
    since = months.after(this_month, -SCORED)
    editions = {
        (one.contract_id, one.month): one
        for one in Publication.objects.in_force([one.pk for one in contracts], since, this_month).prefetch_related(
            "acceptances"
        )
    }
    by_contract: dict[int, list[Scorecard]] = defaultdict(list)
    for one in Scorecard.objects.filter(contract__in=contracts, month__gte=since, provisional=False).order_by("month"):
        by_contract[one.contract_id].append(one)
    rows = []
    for contract in contracts:
        found = by_contract[contract.pk]
        points = [Point(month_name(one.month), one.score) for one in found]
        card = found[-1] if found else None
        edition = editions.get((contract.pk, card.month)) if card else None
        asked = [
            one
            for (pk, _), one in sorted(editions.items())
            if pk == contract.pk and not one.acceptances.all() and contract.day(now) <= one.answer_by
        ]
        rows.append(
            {"contract": contract, "card": card, "edition": edition, "asked": asked, "line": spark(points, places=1)}
        )
    return rows


def _stats(tasks: list[dict[str, Any]], earlier: int, breaches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`earlier`: how many months before those of the list are late, too."""
    count = {name: sum(1 for task in tasks if task["state"] == name) for name in URGENCY}
    late = count["late"] + earlier
    return [
        {"label": "Late", "value": late, "sub": "Past their due day", "look": "late" if late else ""},
        {
            "label": "Returned",
            "value": count["returned"],
            "sub": "To be put right",
            "look": "risk" if count["returned"] else "",
        },
        {"label": "Due", "value": count["due"], "sub": "Month ended, figures not yet submitted"},
        {"label": "Waiting", "value": count["submitted"], "sub": "For the client's decision"},
        {
            "label": "Open breaches",
            "value": len(breaches),
            "sub": "Not closed yet",
            "look": "breach" if breaches else "",
        },
    ]
