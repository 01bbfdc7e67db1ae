"""What people type on the pages that join several apps."""

from typing import Any

from django import forms

from dashboards.rules import VIEW_NAME


class ViewForm(forms.Form):
    """A saved view's name, who else has it, and whether the portfolio opens with it. `shares`: whether the person may share."""

    name = forms.CharField(label="Name", max_length=VIEW_NAME, error_messages={"required": "Give the view a name."})
    shared = forms.BooleanField(label="Shared with colleagues", required=False)
    is_default = forms.BooleanField(label="My portfolio opens with it", required=False)

    def __init__(self, *args: Any, shares: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not shares:
            del self.fields["shared"]
