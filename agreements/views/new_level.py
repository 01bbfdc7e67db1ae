"""A service level is added to a draft: from the catalogue, with its measure and usual bands, or from a target alone."""

import copy
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.drafting import Document
from agreements.level_form import PlainNumber
from agreements.views.editor import Draft, find_draft
from contracts.contract_file import BadFile
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from lib.months import after
from organisations.access import allows
from organisations.requests import MemberRequest
from slas.metric_catalogue import BAND_NAMES, metrics, trades

PAGE = "agreements/editor/new_level.html"
EVERY = [
    ("", "As the metric usually is"),
    ("month", "Each month"),
    ("quarter", "Each quarter"),
    ("week", "Each week"),
    ("year", "Each year"),
]


def _metrics() -> list[Any]:
    """The catalogue by trade."""
    return [
        (name, [(one.code, one.name) for one in metrics().values() if one.trade == code])
        for code, name in trades().items()
    ]


class NewLevelForm(forms.Form):
    """What a new service level needs; everything else is changed afterwards, beside its curve."""

    metric = forms.ChoiceField(label="Metric", choices=_metrics)
    code = forms.CharField(label="Code", max_length=40, help_text="Short and unique in the contract, such as SL-12.")
    name = forms.CharField(label="Name", required=False, max_length=200, help_text="Empty: as the metric is called.")
    every = forms.ChoiceField(label="Judged", choices=EVERY, required=False)
    target = PlainNumber(label="Target", help_text="Empty: the metric’s usual one.")
    kra = forms.ChoiceField(label="Serves", required=False)
    weight = PlainNumber(label="With a weight of", initial="100")
    from_ = forms.DateField(
        label="In force from",
        help_text="First day of a period.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, kras: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kra"].choices = [("", "No key result area"), *kras]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "metric" in given and not given.get("target") and metrics()[given["metric"]].bands() is None:
            self.add_error("target", "This metric has no usual target. Enter one.")
        return given

    def part(self) -> Document:
        """The service level as a file has it."""
        given, metric = self.cleaned_data, metrics()[self.cleaned_data["metric"]]
        bands = None if given["target"] else metric.bands()
        bands = bands or [
            {"name": BAND_NAMES[0], "at": given["target"], "outcome": "met", "points": "0", "score": "100"},
            {"name": BAND_NAMES[1], "outcome": "default", "points": "1", "score": "0"},
        ]
        return {
            "code": given["code"],
            "name": given["name"] or metric.name,
            "kras": {given["kra"]: given["weight"] or "100"} if given["kra"] else {},
            "every": given["every"] or metric.every,
            "measure": metric.measure,
            "terms": [{"from": given["from_"].isoformat(), "better": metric.better, "bands": bands}],
            "metric": metric.code,
        }


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
