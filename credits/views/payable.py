"""Accounts payable: the columns of its files, and its files that come back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from credits import exports
from credits.actions import book_file, discard_file, look_at_file, remove_template, save_template
from credits.forms import PaymentsFileForm, TemplateForm
from credits.models import ColumnTemplate, Reconciliation
from credits.reconciling import fingerprint, outcomes_of, read_rows
from credits.rules import ReconciliationStatus
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.tables import Export
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allows("credit.invoice")
def reconcile(request: MemberRequest, organisation: str) -> HttpResponse:
    """GET: choose a file, and the earlier ones. POST: read it; nothing is booked."""
    if request.method != "POST":
        return _choose(request, PaymentsFileForm())
    form = PaymentsFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, form, 422)
    file = form.cleaned_data["file"]
    try:
        rows = read_rows(file.read(), file.name)
        made = look_at_file(by=request.membership, filename=file.name, rows=rows)
    except Refused as refused:
        refused.add_to(form)
        return _choose(request, form, refused.status)
    return redirect("reconciliation", organisation, made.pk)


def _choose(request: MemberRequest, form: Any, status: int = 200) -> HttpResponse:
    files = Reconciliation.objects.select_related("by").defer("rows").order_by("-pk")[:20]
    context = {"form": form, "files": files}
    return render_part(request, "credits/reconcile.html", "reconcile", context, status)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("credit.invoice")
def reconciliation(request: MemberRequest, organisation: str, reconciliation_id: int) -> HttpResponseBase:
    """GET: what each row means. POST: book the rows that match; discard=1 lets the file go."""
    found = get_object_or_404(Reconciliation, pk=reconciliation_id)
    if request.method != "POST":
        return _look(request, found)
    seen, member = seen_version(request), request.membership
    try:
        if "discard" in request.POST:
            discard_file(by=member, reconciliation=found, seen=seen)
            messages.success(request, "Nothing of the file was booked")
            return redirect("reconcile", organisation)
        book_file(by=member, reconciliation=found, seen=seen, seen_outcomes=request.POST.get("outcomes", "") or "-")
    except Refused as refused:
        found.refresh_from_db()
        return _look(request, found, refused.status, refused=refused.sentence)
    wake_workers(member.organisation_id)
    messages.success(request, "The rows that match are booked")
    return redirect("reconciliation", organisation, found.pk)


def _look(request: MemberRequest, found: Reconciliation, status: int = 200, **more: Any) -> HttpResponseBase:
    waits = found.status == ReconciliationStatus.LOOKED_AT
    outcomes: Any = outcomes_of(found.rows, timezone.now()) if waits else []
    export = Export.asked("reconciliation", exports.OUTCOMES, request.GET, {})
    if export:
        rows = outcomes if waits else found.outcomes
        return export.answer(lambda: rows, len(rows))
    context = {
        "reconciliation": found,
        "export": export,
        "waits": waits,
        "outcomes": outcomes if waits else found.outcomes,
        "good": sum(1 for one in outcomes if one.claim is not None),
        "fingerprint": fingerprint(outcomes),
        **more,
    }
    return render_part(request, "credits/reconciliation.html", "reconciliation", context, status)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("credit.invoice")
def column_templates(request: MemberRequest, organisation: str) -> HttpResponse:
    """The templates, and a new one."""
    form = TemplateForm(request.POST or None)
    if request.method == "POST":
        return _save(request, form, None)
    return _templates(request, form)


def _templates(request: MemberRequest, form: Any, template: Any = None, status: int = 200) -> HttpResponse:
    context = {"form": form, "template": template, "templates": ColumnTemplate.objects.order_by("name")}
    return render_part(request, "credits/column_templates.html", "columns", context, status)


def _save(request: MemberRequest, form: Any, template: ColumnTemplate | None) -> HttpResponse:
    if not form.is_valid():
        return _templates(request, form, template, 422)
    given = form.cleaned_data
    try:
        save_template(
            by=request.membership,
            name=given["name"],
            columns=form.columns(),
            template=template,
            seen=seen_version(request),
        )
    except Refused as refused:
        refused.add_to(form)
        return _templates(request, form, template, refused.status)
    messages.success(request, f"Columns “{given['name']}” saved")
    return redirect("column-templates", request.membership.organisation.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("credit.invoice")
def column_template(request: MemberRequest, organisation: str, column_template_id: int) -> HttpResponse:
    found = get_object_or_404(ColumnTemplate, pk=column_template_id)
    if request.method == "POST":
        return _save(request, TemplateForm(request.POST), found)
    return _templates(request, TemplateForm.of(found), found)


@posted_from("column-template")
@allows("credit.invoice")
def remove(request: MemberRequest, organisation: str, column_template_id: int) -> HttpResponse:
    found = get_object_or_404(ColumnTemplate, pk=column_template_id)
    try:
        remove_template(by=request.membership, template=found, seen=seen_version(request))
    except Refused as refused:
        form = TemplateForm.of(found)
        messages.error(request, refused.sentence)
        return _templates(request, form, found, refused.status)
    messages.success(request, f"Columns “{found.name}” removed")
    return redirect("column-templates", organisation)
