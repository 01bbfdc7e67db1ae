"""Documents that are attached to a revision."""

from django import forms

from agreements.actions.documents import LONGEST_DESCRIPTION
from files.form_field import files_field


class DocumentsForm(forms.Form):
    """Files, and what they are."""

    attachments = files_field("Documents", required=True)
    description = forms.CharField(
        label="What it is",
        required=False,
        max_length=LONGEST_DESCRIPTION,
        help_text="Such as “Annex 3, signed by both”. Both sides read it.",
    )
