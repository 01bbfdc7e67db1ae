"""What people write about a breach."""

from django import forms

from breaches.actions.acknowledgement import LONGEST_NOTE


class AcknowledgeForm(forms.Form):
    """A note is not needed: to acknowledge says that one knows."""

    note = forms.CharField(
        label="Note",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What happens next, and who deals with it. The vendor's people can read it.",
    )
