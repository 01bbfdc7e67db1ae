"""A draft's contract as a whole by form: title, term, deadlines, and key result areas. Saved as it is typed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from agreements.forms.details import AreaForm, DetailsForm, area_forms, details_of, show_problems
from agreements.pages.editor import mistakes_of, rows_of
from agreements.views.draft import Draft, edits_draft
from contracts.rules import FileRefused
from lib.errors import Conflict, Refused
from lib.htmx import render_part
from organisations.requests import MemberRequest
from slas.field_changes import field_changes

PAGE = "agreements/editor/details.html"


@edits_draft
def details(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """POST saves the contract and its areas; an area that the draft adds goes when its code is emptied."""
    if request.method != "POST":
        return _show(request, draft, _details(draft), _areas(draft))
    form, areas = _details(draft, request.POST), _areas(draft, request.POST)
    if not all([form.is_valid(), *(one.is_valid() for one in areas)]):
        return _show(request, draft, form, areas, 422)
    former = [*draft.document.get("kras", []), *[{}] * len(areas)]
    kras = [part for one, kra in zip(areas, former, strict=False) if (part := one.part(kra)) is not None]
    document = {**draft.document, "contract": form.part(draft.document["contract"]), "kras": kras}
    if draft.is_first:
        document = moved(document, draft.document["contract"]["starts_on"])
    try:
        saved = draft.save(request, document)
    except FileRefused as refused:
        return _show(request, draft, form, areas, 422, others=show_problems(form, areas, refused.problems))
    except Conflict as conflict:
        differing = draft.against_theirs(document)
        return _show(request, draft, form, areas, 409, conflict=conflict, differing=differing)
    except Refused as refused:
        return _show(request, draft, form, areas, refused.status, others=[refused.sentence])
    if not getattr(request, "htmx", None):
        return redirect("revision-details", organisation, draft.revision.pk)
    return _show(request, saved, form, areas)


def moved(document: dict[str, Any], before: str) -> dict[str, Any]:
    """A first version whose first day was moved: terms that began with the contract begin with it still."""
    day = document["contract"]["starts_on"]
    if day == before:
        return document
    levels = [
        {**level, "terms": [{**terms, "from": day} if terms["from"] == before else terms for terms in level["terms"]]}
        for level in document.get("service_levels", [])
    ]
    return {**document, "service_levels": levels} if levels else document


def _details(draft: Draft, data: Any = None) -> DetailsForm:
    part = draft.file.document()["contract"]
    return DetailsForm(data, initial=details_of(part), first=draft.is_first, zone=part["timezone"])


def _areas(draft: Draft, data: Any = None) -> list[AreaForm]:
    standing = [] if draft.is_first else [kra["code"] for kra in draft.base.get("kras", [])]
    return area_forms(data, draft.document.get("kras", []), standing)


def _show(
    request: MemberRequest, draft: Draft, form: DetailsForm, areas: list[AreaForm], status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        **draft.context("revision-details"),
        "form": form,
        "areas": areas,
        "mistakes": mistakes_of([("", form), *rows_of("Area", areas)]),
        "changes": [] if draft.is_first else field_changes(draft.before, draft.file),
        **more,
    }
    return render_part(request, PAGE, "live", context, status)
