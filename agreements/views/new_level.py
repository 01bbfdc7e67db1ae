"""A service level is added to a draft: from the catalogue, with its measure and usual bands, or from a target alone."""

import copy

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from agreements.forms.new_level import NewLevelForm
from agreements.views.draft import Draft, edits_draft
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from lib.months import after
from organisations.requests import MemberRequest

PAGE = "agreements/editor/new_level.html"


@edits_draft
def new_level(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """`?metric=ITSM-04` chooses one. POST adds it to the draft and leads to its terms."""
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
    return redirect("revision-level", organisation, draft.revision.pk, saved.file.service_levels[-1].code)


PLACES = {".from": "from_", ".code": "code", ".name": "name", ".at": "target", ".every": "every"}


def _show(request: MemberRequest, draft: Draft, form: NewLevelForm, status: int = 200) -> HttpResponse:
    return render_part(request, PAGE, "new_level", draft.context("") | {"form": form}, status)
