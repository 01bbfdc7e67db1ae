"""What a vendor has to do for one client, and how it stands."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from breaches.models import Breach
from breaches.rules import Status as BreachStatus
from breaches.wording import describe_breach, describe_reading, format_parts, format_period
from contracts.models import Contract
from contracts.rules import ENDING_SOON
from evaluation.models import Result
from lib import months
from lib.charts import Point, spark
from lib.htmx import render_part
from lib.tables import Export
from lib.templatetags.dates import month_name
from measurements.querysets import late_months
from organisations.access import allows
from organisations.requests import MemberRequest
from reporting import exports
from reporting.pages.month_tasks import URGENCY, looked_at, month_tasks
from scorecards.models import Publication, Scorecard

PAGE = "reporting/vendor_home.html"
SCORED = 12  # months of the score's line


@require_safe
@allows("vendor_home.view")
def vendor_home(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """The task list over all contracts that the vendor has with this client. The number of statements is constant."""
    now = timezone.now()
    contracts = list(Contract.objects.select_related("vendor").order_by("reference"))
    listed = looked_at(contracts, now)
    tasks = month_tasks(contracts, listed, now)
    of_tasks = Export.asked("figures", exports.TASKS, request.GET, {})
    of_cards = Export.asked("scorecards", exports.CARDS, request.GET, {}, "cards")
    if of_tasks:
        return of_tasks.answer(lambda: tasks, len(tasks))
    cards = _cards(contracts, listed[-1], now)
    if of_cards:
        return of_cards.answer(lambda: cards, len(cards))
    earlier = late_months(contracts, listed[0], now)
    breaches = _breaches()
    context = {
        "contracts": contracts,
        "tasks": tasks,
        "breaches": breaches,
        "cards": cards,
        "export": of_tasks,
        "cards_export": of_cards,
        "earlier": [(one, *earlier[one.pk]) for one in contracts if one.pk in earlier],
        "stats": _stats(tasks, sum(count for count, _ in earlier.values()), breaches),
        "may_import": request.membership.may("figures.import"),
        "soon": ENDING_SOON,
    }
    return render_part(request, PAGE, "home", context)


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
            {
                "contract": contract,
                "card": card,
                "edition": edition,
                "asked": asked,
                "line": spark(points, places=1),
                "days_left": (contract.ends_on - contract.day(now)).days,
            }
        )
    return rows


def _stats(tasks: list[dict[str, Any]], earlier: int, breaches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`earlier`: how many months before those of the list are late, too."""
    count = {name: sum(1 for task in tasks if task["state"] == name) for name in URGENCY}
    late = count["late"] + earlier
    return [
        {
            "label": "Late",
            "value": late,
            "sub": "Past their due day",
            "look": "late" if late else "",
            "url": "#tasks-h",
        },
        {
            "label": "Returned",
            "value": count["returned"],
            "sub": "To be put right",
            "url": "#tasks-h",
            "look": "risk" if count["returned"] else "",
        },
        {"label": "Due", "value": count["due"], "sub": "Month ended, figures not yet submitted", "url": "#tasks-h"},
        {"label": "Waiting", "value": count["submitted"], "sub": "For the client's decision", "url": "#tasks-h"},
        {
            "label": "Open breaches",
            "value": len(breaches),
            "url": "#breaches-h",
            "sub": "Not closed yet",
            "look": "breach" if breaches else "",
        },
    ]
