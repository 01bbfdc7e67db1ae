"""The clause text of a draft: generated from its terms, and written otherwise where somebody wants it so. Saved as it is typed."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect

from agreements.actions import save_clause
from agreements.drafting.clauses import ClauseText, clause_texts
from agreements.views.draft import Draft, edits_draft
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from organisations.requests import MemberRequest
from slas.field_changes import FieldChange

PAGE = "agreements/editor/clauses.html"


@edits_draft
def clauses(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """POST keeps the texts of service levels (`code` and `text`, once each) that differ; an empty one goes back to what is generated."""
    if request.method != "POST":
        return _show(request, draft)
    typed = dict(zip(request.POST.getlist("code"), request.POST.getlist("text"), strict=False))
    try:
        _save(request, draft, typed)
    except Refused as refused:
        draft.revision.refresh_from_db()
        if refused.status != 409:
            return _show(request, draft, refused.status, others=[refused.sentence], typed=typed)
        return _show(request, draft, 409, conflict=refused, differing=_differing(draft, typed), typed=typed)
    if not getattr(request, "htmx", None):
        return redirect("revision-clauses", organisation, draft.revision.pk)
    return _show(request, draft, typed=typed)


@transaction.atomic
def _save(request: MemberRequest, draft: Draft, typed: dict[str, str]) -> None:
    """All of them over the version that the page showed, or none. What was not changed is not written."""
    there = {one.code: one.text for one in clause_texts(draft.file, draft.revision.draft.clauses)}
    version = seen_version(request) or 0
    for code, text in typed.items():
        if _plain(text) != there.get(code):
            saved = save_clause(by=request.membership, revision=draft.revision, version=version, code=code, text=text)
            version = saved.version


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _differing(draft: Draft, typed: dict[str, str]) -> list[FieldChange]:
    """Theirs, as it is kept now, and what was typed."""
    return [
        FieldChange(f"{one.code} {one.name}", "Text", one.text, typed[one.code])
        for one in clause_texts(draft.file, draft.revision.draft.clauses)
        if one.code in typed and _plain(typed[one.code]) != one.text
    ]


def _show(request: MemberRequest, draft: Draft, status: int = 200, **more: Any) -> HttpResponse:
    revision, typed = draft.revision, more.pop("typed", {})
    shown = [one for one in clause_texts(draft.file, revision.draft.clauses) if _is_changed(draft, one)]
    context = {
        **draft.context("revision-clauses"),
        "rows": [(one, typed.get(one.code, one.text)) for one in shown],
        "hand": [one.name for one in shown if one.is_written],
        "rest": len(draft.file.service_levels) - len(shown),
        **more,
    }
    return render_part(request, PAGE, "live", context, status)


def _is_changed(draft: Draft, one: ClauseText) -> bool:
    """Whether the draft changes the service level, or its text: these are what is agreed now."""
    before = {level["code"]: level for level in draft.base.get("service_levels", [])}
    now = {level["code"]: level for level in draft.document["service_levels"]}
    return one.is_written or before.get(one.code) != now[one.code]
