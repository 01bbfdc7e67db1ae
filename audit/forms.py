"""What is looked for in the trail."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from organisations.models import Membership


class TrailForm(forms.Form):
    """Filters of the trail; empty ones say nothing. Days are those of the time zone that is active."""

    q = forms.CharField(label="Request", required=False, max_length=64)
    person: Any = forms.ModelChoiceField(None, label="Person", required=False, empty_label="Everyone")
    begin = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Membership.objects.order_by("name")  # type: ignore[attr-defined]

    def moments(self) -> tuple[datetime | None, datetime | None]:
        """The first moment of the first day, and the one after the last."""
        begin, end = self.cleaned_data.get("begin"), self.cleaned_data.get("end")
        return _midnight(begin), _midnight(end and end + timedelta(days=1))


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None
