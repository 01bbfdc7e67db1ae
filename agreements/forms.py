"""What people give to import a contract."""

from typing import Any

from django import forms

from contracts.contract_file.source import MAX_BYTES


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
        if file is not None and file.size > MAX_BYTES:
            self.add_error("file", f"The file has {file.size:,} bytes; at most {MAX_BYTES:,} are read.")
        elif file is not None:
            given["source"] = file.read().decode("utf-8-sig", "replace")
        elif not (given.get("source") or "").strip() and not self.errors:
            self.add_error("file", "Choose a file, or paste its text.")
        return given


class ImportForm(forms.Form):
    """A contract file that was looked at, to be saved: it is checked again, and the contract must still be at this version."""

    source = forms.CharField(widget=forms.HiddenInput, strip=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
