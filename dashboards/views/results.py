"""The results of a month by outcome: the rows behind the counts of the portfolio, each with the way to its explanation."""

from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.mine import chosen as chosen_owner
from dashboards import exports
from dashboards.querysets import results as find
from dashboards.querysets.opening import opening_of
from dashboards.querysets.portfolio import outcomes
from evaluation.rules import Outcome
from lib.htmx import render_part
from lib.months import month_of, stepper
from lib.paging import page_number, page_of
from lib.tables import CHUNK, Export
from lib.templatetags.dates import month_key
from organisations.access import allows
from organisations.requests import MemberRequest

SHOWN = 50


@require_safe
@allows("portfolio.view")
def results(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?period=2026-10&outcome=default&owner=all&page=2`. Four statements."""
    now = timezone.now()
    opening = opening_of(now, request.membership.pk)
    owner = chosen_owner(request.GET.get("owner", ""), opening.span.held)
    month = opening.month(month_of(request.GET.get("period", "")), owner)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in Outcome.values else ""
    shared = {"period": month_key(month), **owner.kept}
    state = {**shared, "outcome": outcome}
    counts = outcomes(month, owner.contracts)
    matching = counts.get(outcome, 0) if outcome else sum(counts.values())
    found = find.results_of(month, owner.contracts, outcome)
    export = Export.asked("results", exports.RESULTS, request.GET, state)
    if export:
        rows = found.select_related(*find.NAMES).defer("contract__document", "service_level__document")
        return export.answer(lambda: rows.order_by(*find.ORDER).iterator(CHUNK), matching)
    page = page_of((), matching, SHOWN, page_number(request.GET.get("page", "")))
    first = opening.span.first or month
    context = {
        "month": month,
        "rows": find.listed(found, max(page.start_index() - 1, 0), page.end_index()),
        "page": page,
        "export": export,
        "matching": matching,
        "narrowed": bool(outcome and counts),
        "period": stepper(
            month,
            first=first.replace(day=1),
            last=opening.this_month,
            kept={name: text for name, text in state.items() if text and name != "period"},
        ),
        "owner": owner,
        "owners": owner.choices({name: text for name, text in state.items() if text and name != "owner"}),
        "chips": [
            {"label": label, "count": counts.get(name, 0), "on": name == outcome, "url": f"?{urlencode(kept)}"}
            for name, label in Outcome.choices
            if (counts.get(name) or name == outcome)
            and (kept := {**shared, **({} if name == outcome else {"outcome": name})})
        ],
        "query": f"{urlencode({name: text for name, text in state.items() if text})}&",
    }
    return render_part(request, "dashboards/results.html", "results", context)
