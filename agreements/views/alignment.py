"""The alignment workshop: what a draft's score measures, as a matrix of KRAs and service levels that can be filled in."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.alignment_drafting import HEAVY, Matrix, matrix_of, with_weights
from agreements.level_form import PlainNumber
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


class MatrixForm(forms.Form):
    """A weight for each KRA (`kra-0`), and for each service level in each KRA (`cell-0-0`), by their places; empty: none."""

    from_ = forms.DateField(
        label="In force from",
        help_text="First day of a month.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, matrix: Matrix, **more: Any) -> None:
        super().__init__(*args, **more)
        self.matrix = matrix
        for k, (code, name, weight) in enumerate(matrix.kras):
            self.fields[f"kra-{k}"] = self._weight(f"Weight of {name}", weight)
            for n, (level, level_name) in enumerate(matrix.levels):
                self.fields[f"cell-{n}-{k}"] = self._weight(
                    f"{level_name} in {name}", matrix.weights.get(level, {}).get(code)
                )

    @staticmethod
    def _weight(label: str, weight: Decimal | None) -> PlainNumber:
        field = PlainNumber(label=label, initial="" if weight is None else f"{weight.normalize():f}")
        field.widget.attrs["class"] = "input--num input--w"
        return field

    def clean(self) -> dict[str, Any]:
        """A service level that serves a KRA goes on serving one: a file cannot say that it serves none from a day on."""
        given: dict[str, Any] = super().clean() or {}
        for n, (level, _) in enumerate(self.matrix.levels):
            cells = {code: f"cell-{n}-{k}" for k, (code, *_) in enumerate(self.matrix.kras)}
            served = [cell for code, cell in cells.items() if self.matrix.weights.get(level, {}).get(code)]
            if (
                served
                and not self.errors.keys() & cells.values()
                and not any(Decimal(given[cell] or 0) for cell in cells.values())
            ):
                self.add_error(served[0], "Leave a weight, or give the service level a last day in the contract file.")
        return given

    def given(self) -> tuple[dict[str, dict[str, Decimal]], dict[str, Decimal]]:
        """Of each service level its weights, and the weight of each KRA."""
        data = self.cleaned_data
        cells = {
            level: {
                code: Decimal(data[f"cell-{n}-{k}"])
                for k, (code, *_) in enumerate(self.matrix.kras)
                if data.get(f"cell-{n}-{k}")
            }
            for n, (level, _) in enumerate(self.matrix.levels)
        }
        return cells, {code: Decimal(data[f"kra-{k}"] or "0") for k, (code, *_) in enumerate(self.matrix.kras)}

    def heads(self) -> list[Any]:
        return [
            (code, name, self[f"kra-{k}"], self.matrix.total(code))
            for k, (code, name, _) in enumerate(self.matrix.kras)
        ]

    def rows(self) -> list[Any]:
        shares = self.matrix.shares
        return [
            (code, name, [self[f"cell-{n}-{k}"] for k in range(len(self.matrix.kras))], shares[code])
            for n, (code, name) in enumerate(self.matrix.levels)
        ]


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
    day = after(revision.contract.day(timezone.now()).replace(day=1))
    heaviest = matrix.heaviest
    context = {
        "revision": revision,
        "contract": revision.contract,
        "draft": revision.draft,
        "version": revision.draft.version,
        "is_draft": draft.is_open,
        "matrix": matrix,
        "heaviest": heaviest,
        "too_heavy": heaviest is not None and heaviest[1] > HEAVY,
        "form": form or MatrixForm(matrix=matrix, initial={"from_": day}),
        "findings": [one for one in lint(draft.file) if "kras" in one.path],
    }
    return render_part(request, PAGE, "alignment", context, status)
