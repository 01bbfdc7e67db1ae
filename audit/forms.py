"""What is looked for in the trail."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from audit.models import Entry
from audit.naming import Names, noun_of
from audit.querysets import EntryQuerySet, named
from lib.whole_numbers import whole
from organisations.models import Membership


class TrailForm(forms.Form):
    """Filters of the trail; empty ones say nothing. Days are those of the time zone that is active."""

    q = forms.CharField(label="Request", required=False, max_length=64)
    person = forms.CharField(label="Person", required=False, max_length=80)
    of = forms.CharField(required=False, max_length=80)
    begin = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean_of(self) -> tuple[Any, int, str] | None:
        """The object of `contract-12`: its model, its number, and how it is called."""
        name, _, number = self.cleaned_data["of"].partition("-")
        if not name:
            return None
        model = named(name)
        pk = whole(number)
        if model is None or pk is None:
            raise forms.ValidationError("There is no such object. Write its kind and its number, like contract-12.")
        return model, pk, f"{noun_of(model)} {Names({model: [pk]}).of(model, pk) or 'that is not there any more'}"

    def entries(self) -> EntryQuerySet:
        """The entries that are asked for; a filter that makes no sense finds nothing and says so at its field."""
        entries: EntryQuerySet = Entry.objects.open_to_reader()
        if not self.is_valid():
            return entries.none()
        given = self.cleaned_data
        if given["of"]:
            entries = entries.of(*given["of"][:2])
        if given["person"]:
            entries = entries.filter(actor_id__in=_who(given["person"]))
        if given["q"]:
            entries = entries.filter(request_id=given["q"])
        return entries.between(*self.moments())

    def moments(self) -> tuple[datetime | None, datetime | None]:
        """The first moment of the first day, and the one after the last."""
        begin, end = self.cleaned_data.get("begin"), self.cleaned_data.get("end")
        return _midnight(begin), _midnight(end and end + timedelta(days=1))


def _who(words: str) -> Any:
    """The members, people and keys, with this number, or whose name, address or vendor has these words."""
    found = Membership.objects.all()
    number = whole(words)
    return (found.matching(words) if number is None else found.filter(pk=number)).values("pk")


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None
