"""A service level is added to a draft: from the catalogue, with its measure and usual bands, or from a target alone."""

import copy

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.forms.new_level import NewLevelForm
from agreements.views.editor import Draft, find_draft
from contracts.contract_file import BadFile
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from lib.months import after
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "agreements/editor/new_level.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def new_level(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """`?metric=ITSM-04` chooses one. POST adds it to the draft and leads to its terms."""
    try:
        draft = find_draft(request, revision_id)
    except BadFile:
        return redirect("revision", organisation, revision_id)
    kras = [(kra["code"], kra["name"]) for kra in draft.document.get("kras", [])]
    if request.method != "POST":
        day = after(draft.revision.contract.day(timezone.now()).replace(day=1))
        form = NewLevelForm(initial={"metric": request.GET.get("metric", ""), "from_": day}, kras=kras)
        return _show(request, draft, form)
    form = NewLevelForm(request.POST, kras=kras)
    if not form.is_valid():
        return _show(request, draft, form, 422)
    document = copy.deepcopy(draft.document)
    document["service_levels"] = [*document.get("service_levels", []), form.part()]
    try:
        saved = draft.save(request, document)
    except FileRefused as refused:
        for one in refused.problems:
            path = getattr(one, "path", "")
            name = next((field for end, field in PLACES.items() if path.endswith(end)), None)
            form.add_error(name, getattr(one, "message", str(one)) if name else str(one))
        return _show(request, draft, form, 422)
    except Conflict as conflict:
        form.add_error(None, conflict.sentence)
        return _show(request, draft, form, 409)
    return redirect("revision-level", organisation, revision_id, saved.file.service_levels[-1].code)


PLACES = {".from": "from_", ".code": "code", ".name": "name", ".at": "target", ".every": "every"}


def _show(request: MemberRequest, draft: Draft, form: NewLevelForm, status: int = 200) -> HttpResponse:
    revision = draft.revision
    context = {
        "revision": revision,
        "contract": revision.contract,
        "version": revision.draft.version,
        "is_draft": draft.is_open,
        "form": form,
    }
    return render_part(request, PAGE, "new_level", context, status)
