"""The clause text of a draft: generated from its terms, and written otherwise where somebody wants it so."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from agreements.actions import save_clause
from agreements.drafting.clauses import ClauseText, clause_texts
from agreements.views.draft import Draft, edits_draft
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from organisations.requests import MemberRequest

PAGE = "agreements/editor/clauses.html"


@edits_draft
def clauses(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """POST keeps the text of one service level (`code`, `text`); an empty one goes back to what is generated."""
    if request.method != "POST":
        return _show(request, draft)
    code, text = request.POST.get("code", ""), request.POST.get("text", "")
    try:
        save_clause(
            by=request.membership, revision=draft.revision, version=seen_version(request) or 0, code=code, text=text
        )
    except Refused as refused:
        draft.revision.refresh_from_db()
        return _show(request, draft, refused.status, refused=refused, typed={code: text})
    return redirect("revision-clauses", organisation, draft.revision.pk)


def _show(request: MemberRequest, draft: Draft, status: int = 200, **more: Any) -> HttpResponse:
    revision, typed = draft.revision, more.pop("typed", {})
    shown = [one for one in clause_texts(draft.file, revision.draft.clauses) if _is_changed(draft, one)]
    context = {
        **draft.context("revision-clauses"),
        "rows": [(one, typed.get(one.code, one.text)) for one in shown],
        "others": len(draft.file.service_levels) - len(shown),
        **more,
    }
    return render_part(request, PAGE, "clauses", context, status)


def _is_changed(draft: Draft, one: ClauseText) -> bool:
    """Whether the draft changes the service level, or its text: these are what is agreed now."""
    before = {level["code"]: level for level in draft.base.get("service_levels", [])}
    now = {level["code"]: level for level in draft.document["service_levels"]}
    return one.is_written or before.get(one.code) != now[one.code]
