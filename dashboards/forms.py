"""What people type on the pages that join several apps."""

from typing import Any

from django import forms

from contracts.actions.extensions import LONGEST_REASON
from dashboards.rules import VIEW_NAME
from lib.form_fields import text_field


class LaterDueDayForm(forms.Form):
    """Until when the figures of the chosen contracts are due, and why."""

    until = forms.DateField(
        label="Due on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose the day.", "invalid": "Choose the day."},
    )
    reason = text_field("Why", longest=LONGEST_REASON, help_text="The vendor reads it.")
    reason.error_messages["required"] = "Say why."


class ViewForm(forms.Form):
    """A saved view's name, who else has it, and whether the portfolio opens with it. `shares`: whether the person may share."""

    name = forms.CharField(label="Name", max_length=VIEW_NAME, error_messages={"required": "Give the view a name."})
    shared = forms.BooleanField(label="Shared with colleagues", required=False)
    is_default = forms.BooleanField(label="My portfolio opens with it", required=False)

    def __init__(self, *args: Any, shares: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not shares:
            del self.fields["shared"]
