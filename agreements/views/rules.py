"""The rules of a draft by form: those in force may be ended, others are added. Saved as they are typed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from agreements.forms.rules import RuleForm, rule_forms, show_problems
from agreements.pages.editor import mistakes_of, rows_of
from agreements.views.draft import Draft, edits_draft
from contracts import wording
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from organisations.requests import MemberRequest

PAGE = "agreements/editor/rules.html"


@edits_draft
def rules(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """POST saves all of them; an empty row is none."""
    if request.method != "POST":
        return _show(request, draft, _forms(draft))
    given = _forms(draft, request.POST)
    valid = [one.is_valid() for one in given]
    if not all(valid):
        return _show(request, draft, given, 422)
    found = [part for part in (one.part() for one in given) if part is not None]
    document = {key: value for key, value in draft.document.items() if key != "rules"}
    try:
        document = {**document, "rules": found} if found else document
        saved = draft.save(request, document)
    except FileRefused as refused:
        return _show(request, draft, given, 422, others=show_problems(given, refused.problems))
    except Conflict as conflict:
        return _show(request, draft, given, 409, conflict=conflict, differing=draft.against_theirs(document))
    if not getattr(request, "htmx", None):
        return redirect("revision-rules", organisation, draft.revision.pk)
    return _show(request, saved, given)


def _forms(draft: Draft, data: Any = None) -> list[RuleForm]:
    standing = [] if draft.is_first else [rule["name"] for rule in draft.base.get("rules", [])]
    return rule_forms(data, draft.document.get("rules", []), standing, added_later=not draft.is_first)


def _show(request: MemberRequest, draft: Draft, forms: list[RuleForm], status: int = 200, **more: Any) -> HttpResponse:
    context = {
        **draft.context("revision-rules"),
        "forms": forms,
        "mistakes": mistakes_of(rows_of("Rule", forms)),
        "words": [(rule.name, wording.describe_rule(rule.full())) for rule in draft.file.rules],
        **more,
    }
    return render_part(request, PAGE, "live", context, status)
