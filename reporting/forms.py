"""What people type about submissions and figures, and what they attach."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from files.form_field import files_field
from measurements.figures_file.cells import MAX_BYTES
from measurements.models import Submission
from measurements.rules import declaration

NO_FILE = {"required": "Choose a file first.", "empty": "The file is empty. Choose another one."}


class SubmitForm(forms.Form):
    """Handing figures over, declared by name for one's side. A correction must say why; the action checks that."""

    declared = forms.BooleanField(error_messages={"required": "Tick the declaration; figures are submitted with it."})
    note = forms.CharField(
        label="Note to the client",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands beside the figures.",
    )

    def __init__(self, *args: Any, by: str, side: str, corrects: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["declared"].label = declaration(by, side)
        if corrects:
            self.fields["note"].label = "Why the figures are corrected"


class ReturnForm(forms.Form):
    """Giving figures back."""

    reason = forms.CharField(
        label="What has to be put right",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what has to be put right, so that the vendor can do it."},
    )


class FiguresFileForm(forms.Form):
    """A file to look at before anything is saved."""

    file = forms.FileField(
        label="Figures file",
        help_text=f"CSV (UTF-8) or XLSX, at most {MAX_BYTES // 1_000_000} MB. You see every row before it is saved.",
        error_messages=NO_FILE,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )


class SaveForm(forms.Form):
    """Figures that were looked at, to be saved: they are checked again."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)  # fingerprint of what was stored
    checked = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=64
    )  # of what was typed when it was checked
    then = forms.ChoiceField(
        choices=[("check", "Check"), ("save", "Save as draft"), ("submit", "Save and submit")], required=False
    )
    declared = forms.BooleanField(required=False)
    reason = forms.CharField(
        label="Why accepted figures are corrected",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The former figures stay on record beside the new ones.",
    )


class EvidenceForm(forms.Form):
    """Files that show where figures come from. The action looks at what is in them.

    `levels` are the service levels of the contract of `row`, `there` the evidence of its month, of earlier revisions too; `known` and
    `named` the same, as far as the page has read them already.
    """

    attachments = files_field("Files", required=True)
    service_level: forms.ModelChoiceField = forms.ModelChoiceField(
        None,
        label="What it is for",
        required=False,
        help_text="One service level, or all figures.",
        empty_label="All figures",
    )
    replaces: forms.ModelChoiceField = forms.ModelChoiceField(
        None,
        label="Replaces",
        required=False,
        help_text="An older file, which stays beside it.",
        empty_label="No file",
    )
    description = forms.CharField(
        label="What it shows",
        required=False,
        max_length=500,
        help_text="For instance: tickets of the month, exported on its last day.",
    )

    def __init__(
        self,
        row: Submission,
        levels: QuerySet[Any],
        there: QuerySet[Any],
        *args: Any,
        known: Iterable[Any] | None = None,
        named: Iterable[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows, read in (("service_level", levels, known), ("replaces", there, named)):
            field: Any = self.fields[name]
            field.queryset = rows
            if name == "replaces":
                field.label_from_instance = lambda one: one.name if one.submission_id == row.pk else _of_revision(one)
            if read is not None:
                field.choices = [("", field.empty_label), *((one.pk, field.label_from_instance(one)) for one in read)]


def _of_revision(evidence: Any) -> str:
    return f"{evidence.name}, revision {evidence.submission.revision}"
