"""A metric and who is measured by it, across contracts and vendors; and the organisation's own metrics, added, changed and retired."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from agreements import exports
from agreements import querysets as find
from agreements.actions import add_metric, change_metric, retire_metric
from agreements.forms.metrics import MetricForm, initial_of
from agreements.pages.metrics import detail
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.tables import CHUNK, Export, in_chunks
from organisations.access import allows
from organisations.requests import MemberRequest
from slas import wording
from slas.models import OwnMetric, ServiceLevel
from slas.own_metrics import known_metrics

SHOWN = 50
PAGE, FORM = "agreements/metric.html", "agreements/metric_form.html"


@require_safe
@allows("catalogue.view")
def metric(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?code=IT-03&page=2`: the metric, and every service level of an agreed contract that names it, by vendor."""
    code = request.GET.get("code", "")
    if not code:
        return redirect("catalogue", organisation)
    chosen = known_metrics().get(code)
    levels = ServiceLevel.objects.filter(metric=code, contract__agreed=True).select_related("contract__vendor")
    ordered = levels.order_by("contract__vendor__name", "contract__reference", "position").defer("document")
    page = Paginator(ordered, SHOWN).get_page(request.GET.get("page"))
    if chosen is None and not page.paginator.count:
        raise Http404
    export = Export.asked(f"results-{code}", exports.MEASURED, request.GET, {"code": code})
    if export:
        return export.answer(lambda: in_chunks(ordered.iterator(CHUNK), _rows), page.paginator.count)
    shown = list(page.object_list)
    page.object_list = shown
    own = OwnMetric.objects.filter(code=code).first() if chosen is not None and chosen.own else None
    context = {
        "code": code,
        "chosen": detail(chosen) if chosen else None,
        "own": own,
        "page": page,
        "rows": _rows(shown),
        "export": export,
        "vendors": levels.values("vendor").distinct().count(),
        "compare_url": f"{reverse('compare', args=[organisation])}?{urlencode({'by': 'metric', 'metric': code})}",
        "may_manage": request.membership.may("metric.manage"),
        "query": f"{urlencode({'code': code})}&",
    }
    return render_part(request, PAGE, "metric", context)


def _rows(levels: list[ServiceLevel]) -> list[dict[str, Any]]:
    """Of those that have terms. One statement."""
    past = find.measured([one.pk for one in levels], timezone.now())
    return [_row(one, past[one.pk]) for one in levels if one.pk in past]


def _row(level: ServiceLevel, past: find.Measured) -> dict[str, Any]:
    sign = wording.format_sign(level.measure)
    return {"level": level, "target": wording.describe_target(past.terms, level.measure), "past": past, "sign": sign}


# The organisation's own --------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allows("metric.manage")
def new_metric(request: MemberRequest, organisation: str) -> HttpResponse:
    """A metric of one's own under a code that no other has."""
    if request.method != "POST":
        return _form(request, MetricForm(initial={"unit": "percent", "every": "month"}))
    form = MetricForm(request.POST)
    if not form.is_valid():
        return _form(request, form, 422)
    try:
        made = add_metric(by=request.membership, code=form.cleaned_data["code"], given=form.given())
    except Refused as refused:
        refused.add_to(form)
        return _form(request, form, refused.status)
    messages.success(request, f"{made.code} is in the catalogue")
    return _to(made)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("metric.manage")
def own_metric(request: MemberRequest, organisation: str, own_metric_code: str) -> HttpResponse:
    """Change one. What service levels measure by it stays."""
    there = get_object_or_404(OwnMetric, code=own_metric_code)
    if request.method != "POST":
        return _form(request, MetricForm(initial=initial_of(there), there=True), metric=there)
    form = MetricForm(request.POST, initial=initial_of(there), there=True)
    if not form.is_valid():
        return _form(request, form, 422, metric=there)
    try:
        change_metric(by=request.membership, metric=there, version=seen_version(request) or 0, given=form.given())
    except Refused as refused:
        refused.add_to(form)
        there.refresh_from_db()
        return _form(request, form, refused.status, metric=there)
    messages.success(request, f"{there.code} changed")
    return _to(there)


@posted_from("own-metric")
@allows("metric.manage")
def retire(request: MemberRequest, organisation: str, own_metric_code: str) -> HttpResponse:
    """Offered no more, or with `again` offered again."""
    there = get_object_or_404(OwnMetric, code=own_metric_code)
    retired = "again" not in request.POST
    retire_metric(by=request.membership, metric=there, version=seen_version(request) or 0, retired=retired)
    messages.success(request, f"{there.code} is {'retired' if retired else 'offered again'}")
    return _to(there)


def _to(metric: OwnMetric) -> HttpResponse:
    return redirect(f"{reverse('metric', args=[metric.organisation.slug])}?{urlencode({'code': metric.code})}")


def _form(request: MemberRequest, form: MetricForm, status: int = 200, metric: OwnMetric | None = None) -> HttpResponse:
    return render_part(request, FORM, "form", {"form": form, "metric": metric}, status)
