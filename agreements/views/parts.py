"""A revision's draft, edited by form: what holds for all service levels of the contract, and the way to each of them."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from agreements.drafting.levels import Document, level_of
from agreements.drafting.parts import as_newest, day_of, newest_of, with_part
from agreements.forms.indexation import IndexationForm
from agreements.forms.parts import (
    PARTS,
    CapForms,
    GradeForms,
    PartsForm,
    StepForms,
    caps_of,
    grades_of,
    initial_of,
    show_problems,
    steps_of,
)
from agreements.impact import work_out
from agreements.pages.editor import mistakes_of, rows_of
from agreements.pages.findings import of_draft
from agreements.pages.impact import impact_page
from agreements.views.draft import Draft, edits_draft
from contracts.contract_file.scalars import format_decimal
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from lib.months import after
from lib.templatetags.money import money_exact
from organisations.requests import MemberRequest
from slas.field_changes import field_changes

PAGE = "agreements/editor/parts.html"


@edits_draft
def parts(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """Charges, due day, calendar, credits, caps and scorecard of a draft. POST saves them."""
    if request.method != "POST":
        return _show(request, draft)
    if "index" in request.POST:
        return _index(request, draft)
    newest = {part: newest_of(draft.document, part) for part in PARTS}
    form = PartsForm(request.POST, listed="months" in newest["charges"], first=draft.is_first)
    caps, grades = CapForms(request.POST, prefix="caps"), GradeForms(request.POST, prefix="grades")
    steps = StepForms(request.POST, prefix="steps")
    if not (form.is_valid() & caps.is_valid() & grades.is_valid() & steps.is_valid()):
        return _show(request, draft, form, caps, grades, steps, status=422)
    document, day = draft.document, form.cleaned_data.get("from_")
    versions = form.versions(newest, _parts(caps), _parts(grades), _parts(steps))
    for part, version in versions.items():
        if day is None:
            document = as_newest(document, part, version)
        else:
            document = with_part(document, draft.base, part, version, day)
    return _save(request, draft, document, form, caps, grades, steps)


def _index(request: MemberRequest, draft: Draft) -> HttpResponse:
    """Charges raised by an index or a percentage; how they came about stands in the reason, which both sides read."""
    contract, form = draft.revision.contract, IndexationForm(request.POST)
    monthly = newest_of(draft.base, "charges").get("monthly")
    if monthly is None or not form.is_valid():
        return _show(request, draft, status=422, indexation=form)
    becomes = form.raised(Decimal(monthly), contract.minor_unit)
    version = {"monthly": format_decimal(becomes)}
    document = with_part(draft.document, draft.base, "charges", version, form.cleaned_data["index_from"])
    said = form.sentence(money_exact(Decimal(monthly), contract.currency), money_exact(becomes, contract.currency))
    reason = f"{draft.revision.draft.reason}\n{said}".strip()
    try:
        draft.save(request, document, reason=reason)
    except FileRefused as refused:
        for one in refused.problems:
            form.add_error("index_from", getattr(one, "message", str(one)))
        return _show(request, draft, status=422, indexation=form)
    except Conflict as conflict:
        return _show(request, draft, status=409, conflict=conflict, indexation=form)
    return redirect("revision-parts", request.membership.organisation.slug, draft.revision.pk)


def _parts(forms: Any) -> list[Document]:
    return [part for part in (one.part() for one in forms.forms) if part is not None]


def _save(request: MemberRequest, draft: Draft, document: Document, form: PartsForm, *tables: Any) -> HttpResponse:
    try:
        saved = draft.save(request, document)
    except FileRefused as refused:
        show_problems(form, refused.problems)
        return _show(request, draft, form, *tables, status=422)
    except Conflict as conflict:
        differing = draft.against_theirs(document)
        return _show(request, draft, form, *tables, status=409, conflict=conflict, differing=differing)
    if not getattr(request, "htmx", None):
        return redirect("revision-parts", request.membership.organisation.slug, draft.revision.pk)
    return _show(request, saved, form, *tables, saved=True)


def _mistakes(form: PartsForm | None, caps: Any, grades: Any, steps: Any) -> Any:
    if form is None:
        return []
    return mistakes_of([("", form), *rows_of("Cap", caps), *rows_of("Grade", grades), *rows_of("Line", steps)])


def _show(
    request: MemberRequest,
    draft: Draft,
    form: PartsForm | None = None,
    caps: Any = None,
    grades: Any = None,
    steps: Any = None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    contract, now = draft.revision.contract, timezone.now()
    newest = {part: newest_of(draft.document, part) for part in PARTS}
    days = [day for part in PARTS if (day := day_of(draft.document, draft.base, part)) is not None]
    day = days[0] if days else after(contract.day(now).replace(day=1))
    summary = work_out(contract, draft.file, now=now).summary
    context = {
        **draft.context("revision-parts"),
        "form": form
        or PartsForm(initial=initial_of(newest, day), listed="months" in newest["charges"], first=draft.is_first),
        "caps": caps or CapForms(initial=caps_of(newest["credits"]), prefix="caps"),
        "steps": steps or StepForms(initial=steps_of(newest["credits"]), prefix="steps"),
        "indexation": IndexationForm(initial={"index_from": day}) if "monthly" in newest["charges"] and not draft.is_first else None,
        "grades": grades or GradeForms(initial=grades_of(newest["scorecard"]), prefix="grades"),
        "mistakes": _mistakes(form, caps, grades, steps),
        "summary": summary,
        "figures": impact_page(summary).get("figures", []),
        "changes": [] if draft.is_first else field_changes(draft.before, draft.file),  # of a first version it is all of it
        "findings": of_draft(contract, draft.file, draft.base, now),
        "levels": [
            (part, level_of(draft.document, draft.base, part.code)) for part in draft.file.service_levels
        ],
        **more,
    }  # fmt: skip
    return render_part(request, PAGE, "live", context, status)
