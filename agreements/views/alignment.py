"""The alignment workshop: what a draft's score measures, as a matrix of KRAs and service levels that can be filled in."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from agreements.drafting.alignment import Matrix, matrix_of, with_weights
from agreements.forms.alignment import MatrixForm
from agreements.pages.findings import of_draft
from agreements.views.draft import Draft, edits_draft
from agreements.views.findings import put_right
from contracts.rules import FileRefused
from lib.errors import Conflict, Refused
from lib.htmx import render_part
from lib.months import after
from organisations.requests import MemberRequest

PAGE = "agreements/editor/alignment.html"


@edits_draft
def alignment(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """The weights of a draft. POST saves them as versions from a day on, or takes the remedy of a finding (`finding`) into the draft."""
    matrix = matrix_of(draft.file)
    if request.method != "POST":
        return _show(request, draft, matrix)
    if "finding" in request.POST:
        try:
            return put_right(request, draft.revision.contract, draft.revision)
        except Refused as refused:
            return _show(request, draft, matrix, status=refused.status, refused=refused)
    form = MatrixForm(request.POST, matrix=matrix)
    if not form.is_valid():
        return _show(request, draft, matrix, form, 422)
    cells, kras = form.given()
    document = with_weights(draft.document, draft.base, matrix, cells, kras, form.cleaned_data["from_"])
    try:
        draft.save(request, document)
    except FileRefused as refused:
        for one in refused.problems:
            form.add_error("from_" if getattr(one, "path", "").endswith("from") else None, str(one))
        return _show(request, draft, matrix, form, 422)
    except Conflict as conflict:
        form.add_error(None, conflict.sentence)
        return _show(request, draft, matrix, form, 409)
    return redirect("revision-alignment", organisation, draft.revision.pk)


def _show(
    request: MemberRequest, draft: Draft, matrix: Matrix, form: MatrixForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    contract = draft.revision.contract
    day = contract.starts_on if draft.is_first else after(contract.day(timezone.now()).replace(day=1))
    context = {
        **draft.context("revision-alignment"),
        "matrix": matrix,
        "form": form or MatrixForm(matrix=matrix, initial={"from_": day}),
        "findings": of_draft(contract, draft.file, draft.base, timezone.now()),
        **more,
    }
    return render_part(request, PAGE, "alignment", context, status)
