"""The alignment workshop: what a draft's score measures, as a matrix of KRAs and service levels that can be filled in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from agreements.drafting.alignment import HEAVY, Matrix, matrix_of, with_weights
from agreements.forms.alignment import MatrixForm
from agreements.views.draft import Draft, edits_draft
from contracts.contract_file.lint import lint
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from lib.months import after
from organisations.requests import MemberRequest

PAGE = "agreements/editor/alignment.html"


@edits_draft
def alignment(request: MemberRequest, organisation: str, draft: Draft) -> HttpResponse:
    """The weights of a draft. POST saves them as versions from a day on."""
    matrix = matrix_of(draft.file)
    if request.method != "POST":
        return _show(request, draft, matrix)
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
    request: MemberRequest, draft: Draft, matrix: Matrix, form: MatrixForm | None = None, status: int = 200
) -> HttpResponse:
    revision = draft.revision
    contract = revision.contract
    day = contract.starts_on if draft.is_first else after(contract.day(timezone.now()).replace(day=1))
    heaviest = matrix.heaviest
    context = {
        **draft.context("revision-alignment"),
        "matrix": matrix,
        "heaviest": heaviest,
        "too_heavy": heaviest is not None and heaviest[1] > HEAVY,
        "form": form or MatrixForm(matrix=matrix, initial={"from_": day}),
        "findings": [one for one in lint(draft.file) if "kras" in one.path],
    }
    return render_part(request, PAGE, "alignment", context, status)
