"""The clause text of a draft: generated from its terms, and written otherwise where somebody wants it so."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from agreements.actions import save_clause
from agreements.drafting.clauses import ClauseText, clause_texts
from agreements.pages.editor import tabs
from agreements.views.editor import Draft, find_draft
from contracts.contract_file import BadFile
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "agreements/editor/clauses.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def clauses(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """POST keeps the text of one service level (`code`, `text`); an empty one goes back to what is generated."""
    try:
        draft = find_draft(request, revision_id)
    except BadFile:
        return redirect("revision", organisation, revision_id)
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
    return redirect("revision-clauses", organisation, revision_id)


def _show(request: MemberRequest, draft: Draft, status: int = 200, **more: Any) -> HttpResponse:
    revision, typed = draft.revision, more.pop("typed", {})
    shown = [one for one in clause_texts(draft.file, revision.draft.clauses) if _is_changed(draft, one)]
    context = {
        "revision": revision,
        "contract": revision.contract,
        "draft": revision.draft,
        "version": revision.draft.version,
        "is_draft": draft.is_open,
        "tabs": tabs(revision, "revision-clauses"),
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
