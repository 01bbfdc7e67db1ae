"""The alignment workshop: what a draft's score measures, as a matrix of KRAs and service levels that can be filled in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.drafting.alignment import HEAVY, Matrix, matrix_of, with_weights
from agreements.forms.alignment import MatrixForm
from agreements.pages.editor import tabs
from agreements.views.editor import Draft, find_draft
from contracts.contract_file import BadFile
from contracts.contract_file.lint import lint
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from lib.months import after
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "agreements/editor/alignment.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def alignment(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """The weights of a draft. POST saves them as versions from a day on."""
    try:
        draft = find_draft(request, revision_id)
    except BadFile:
        return redirect("revision", organisation, revision_id)
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
    return redirect("revision-alignment", organisation, revision_id)


def _show(
    request: MemberRequest, draft: Draft, matrix: Matrix, form: MatrixForm | None = None, status: int = 200
) -> HttpResponse:
    revision = draft.revision
    contract = revision.contract
    day = contract.starts_on if draft.is_first else after(contract.day(timezone.now()).replace(day=1))
    heaviest = matrix.heaviest
    context = {
        "revision": revision,
        "contract": revision.contract,
        "draft": revision.draft,
        "version": revision.draft.version,
        "is_draft": draft.is_open,
        "tabs": tabs(revision, "revision-alignment"),
        "matrix": matrix,
        "heaviest": heaviest,
        "too_heavy": heaviest is not None and heaviest[1] > HEAVY,
        "form": form or MatrixForm(matrix=matrix, initial={"from_": day}),
        "findings": [one for one in lint(draft.file) if "kras" in one.path],
    }
    return render_part(request, PAGE, "alignment", context, status)
