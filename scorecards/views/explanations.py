"""Why a contract's month has its score and its credit, as a page."""

from functools import partial

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from contracts.models import Contract
from lib.htmx import render_part
from lib.months import month_of
from lib.tables import Export
from organisations.access import allows
from organisations.requests import MemberRequest
from scorecards import exports
from scorecards.models import Publication
from scorecards.pages.month_explanation import explain_month


@require_safe
@allows("scorecard.view")
def month_explanation(request: MemberRequest, organisation: str, contract: int, month: str) -> HttpResponseBase:
    """`#score`, `#change`, `#kra-RESPONSE`, `#credit`: where the numbers of scorecards, ledgers and portfolios lead."""
    found = get_object_or_404(Contract.objects.select_related("vendor").defer("document"), pk=contract)
    first = month_of(month)
    if first is None:
        raise Http404("No month.")
    edition = Publication.objects.filter(contract=found, month=first).order_by("-edition").defer("snapshot").first()
    slug, key = request.membership.organisation.slug, f"{first:%Y-%m}"
    why, made = explain_month(found, first), {}
    for table, (columns, rows_of) in exports.EXPLANATION.items():
        name = f"{table or 'score'}-{found.reference}-{key}"
        made[table or "score"] = export = Export.asked(name, columns, request.GET, {}, table)
        if export:
            rows = rows_of(why)
            return export.answer(partial(iter, rows), len(rows))
    context = {
        "contract": found,
        "month": first,
        "why": why,
        "exports": made,
        "edition": edition,
        "published_url": reverse("publication", args=[slug, found.pk, key]) if edition else "",
        "card_url": f"{reverse('scorecard', args=[slug, found.pk])}?period={key}",
    }
    return render_part(request, "scorecards/month_explanation.html", "why", context)
