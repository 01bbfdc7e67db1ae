"""What is typed when a month is published."""

from django import forms

from lib.form_fields import text_field
from scorecards.rules import LONGEST_WORD


class PublishForm(forms.Form):
    """A message to the vendor, and the checksum of the numbers that were looked at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    word = text_field("Message to the vendor", rows=2, longest=LONGEST_WORD, required=False)
