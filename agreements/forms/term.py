"""When a contract is to end: earlier than agreed, or later."""

from datetime import date, timedelta
from typing import Any

from django import forms

from contracts.models import Contract
from lib.form_fields import day_field, text_field
from lib.months import after

NOTICE = 3  # months: the day that is suggested leaves time for both sides to agree and to wind up


class LastDayForm(forms.Form):
    """Another last day of a contract, and why. `beside`: although somebody has a draft of it already."""

    last = day_field("Last day", error_messages={"required": "Enter the last day.", "invalid": "Enter a day."})
    reason = text_field(
        "Reason",
        4,
        help_text="Both sides read it.",
        error_messages={"required": "Say why."},
    )
    beside = forms.BooleanField(label="Start another draft beside the one that is there.", required=False)

    def __init__(self, *args: Any, help_text: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["last"].help_text = help_text


def earlier_end(contract: Contract, today: date) -> date:
    """The day that is suggested for an early end: the end of a month, with time to agree; never after the day agreed."""
    suggested = after(today, NOTICE + 1) - timedelta(days=1)
    return min(max(suggested, contract.starts_on), contract.ends_on - timedelta(days=1))


def later_end(contract: Contract) -> date:
    """The day that is suggested for a renewal, a year on: after 31 March 2027 it is 31 March 2028."""
    following = contract.ends_on + timedelta(days=1)
    last_of_february = following.month == 2 and following.day == 29
    year_on = following.replace(year=following.year + 1, day=28 if last_of_february else following.day)
    return year_on - timedelta(days=1)
