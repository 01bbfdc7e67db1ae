"""What is typed when a month is published."""

from django import forms

from scorecards.rules import LONGEST_WORD


class PublishForm(forms.Form):
    """A message to the vendor, and the checksum of the numbers that were looked at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    word = forms.CharField(
        label="Message to the vendor",
        required=False,
        max_length=LONGEST_WORD,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
