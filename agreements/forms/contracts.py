"""What people give about a contract: its file, its owners, who of the vendor sees it, and which vendors are one."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django import forms

from contracts.actions import Absence
from contracts.contract_file import BadFile
from contracts.contract_file.source import text_of
from contracts.models import Contract
from lib.form_fields import day_field
from organisations.models import Membership

MOST_READ = 2_500_000  # more than a contract file may have, as it then says itself


class ContractFileForm(forms.Form):
    """A contract file, chosen or pasted. What was chosen is shown as text afterwards, so that it can be put right in place."""

    file = forms.FileField(
        label="Contract file",
        required=False,
        help_text="YAML or JSON. You see what it changes before anything is saved.",
        error_messages={"empty": "The file is empty. Choose another one."},
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )
    source = forms.CharField(
        label="Or its text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code"}),
    )

    def clean(self) -> dict[str, Any]:
        """`source` is the text, from wherever it came."""
        given: dict[str, Any] = super().clean() or {}
        file = given.get("file")
        if file is not None:
            try:
                given["source"] = text_of(file.read(MOST_READ))
            except BadFile as bad:
                self.add_error("file", str(bad.problems[0]))
        elif not (given.get("source") or "").strip() and not self.errors:
            self.add_error("file", "Choose a file, or paste its text.")
        else:
            given["source"] = (given.get("source") or "").replace("\r\n", "\n")
        return given


class ImportForm(forms.Form):
    """A contract file that was looked at, to be saved: it is checked again, and the contract must still be at this version.

    Its text can be changed in place, and a browser may bring an earlier one back: `seen` is of the text that was looked at.
    """

    source = forms.CharField(
        label="Text of the file",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, source: str, version: int | None) -> "ImportForm":
        """The form beside what a text would change."""
        return cls(initial={"source": source, "seen": digest(source), "version": version})

    @property
    def is_as_seen(self) -> bool:
        return bool(self.cleaned_data["seen"] == digest(self.cleaned_data["source"]))


def digest(source: str) -> str:
    """Of a text, however a browser sends the ends of its lines."""
    return hashlib.sha256(source.replace("\r\n", "\n").encode()).hexdigest()


class OwnerForm(forms.Form):
    """Who has one duty on a contract, and who stands in from when to when. `people` are those whose role fits the duty."""

    duty = forms.CharField(widget=forms.HiddenInput)
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    member = forms.ChoiceField(label="In charge", required=False)
    deputy = forms.ChoiceField(
        label="Deputy", required=False, help_text="Stands in, and is notified, during an absence."
    )
    starts_on = day_field("First day away", required=False)
    ends_on = day_field("Last day away", required=False)

    def __init__(self, *args: Any, people: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in people}
        named = [(key, one.name) for key, one in self.people.items()]
        self.fields["member"].choices = [("", "Nobody"), *named]  # type: ignore[attr-defined]
        self.fields["deputy"].choices = [("", "Nobody"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        if given["deputy"]:
            for name, words in (("starts_on", "first"), ("ends_on", "last")):
                if not given[name]:
                    self.add_error(name, f"Enter the {words} day on which the deputy stands in.")
        elif given["starts_on"] or given["ends_on"]:
            self.add_error("deputy", "Choose who stands in on these days, or leave the days out.")
        return given

    @property
    def chosen(self) -> Membership | None:
        return self.people.get(self.cleaned_data["member"])

    @property
    def absence(self) -> Absence | None:
        given = self.cleaned_data
        deputy = self.people.get(given["deputy"])
        return None if deputy is None else Absence(deputy, given["starts_on"], given["ends_on"])


class AccessForm(forms.Form):
    """Which of a vendor's contracts one of its people sees: all, or those that are ticked."""

    ALL, SOME = "all", "some"

    access = forms.ChoiceField(
        choices=[(ALL, "All"), (SOME, "Some")], error_messages={"required": "Choose one of the two."}
    )
    contracts = forms.MultipleChoiceField(label="Contracts", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, contracts: Iterable[Contract], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(one.pk): one for one in contracts}
        named = [(key, f"{one.reference} {one.title}") for key, one in self.offered.items()]
        self.fields["contracts"].choices = named  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[Contract] | None:
        given = self.cleaned_data
        return None if given["access"] == self.ALL else [self.offered[key] for key in given["contracts"]]


class MergeForm(forms.Form):
    """The two vendors as they were seen, and that it is meant."""

    sure = forms.BooleanField(
        label="These are one and the same company.",
        error_messages={"required": "Tick this if you are sure. It cannot be undone."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    kept_version = forms.IntegerField(widget=forms.HiddenInput)
