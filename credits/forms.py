"""What people type about credits."""

from decimal import Decimal
from typing import Any

from django import forms

from lib.templatetags.dates import month_name

# Plain digits, or as pages write them, so that they can be copied: 2,120.00 with a comma before each three digits and nowhere else.
AMOUNT = r"\A(?!-[0.]+\Z)-?([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})(\.[0-9]{1,6})?\Z"


def amount_of(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


class WaiverForm(forms.Form):
    """Letting (a part of) a month's credit go. `months` are the first days of the months from which something is left."""

    month = forms.TypedChoiceField(label="Month")
    amount = forms.RegexField(
        AMOUNT, label="Amount to waive", error_messages={"invalid": "Write digits and a point, such as 1200.50."}
    )
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why the credit is waived."},
    )

    def __init__(self, *args: Any, months: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "waiver-%s", **kwargs})
        self.fields["month"].choices = [(f"{month:%Y-%m-01}", month_name(month)) for month in months]  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "input--num"}

    def clean_amount(self) -> Decimal:
        return amount_of(self.cleaned_data["amount"])


class InvoiceForm(forms.Form):
    """Credits that were taken on an invoice."""

    reference = forms.CharField(label="Invoice number", max_length=80)
    amount = forms.RegexField(
        AMOUNT,
        label="Credit taken",
        error_messages={"invalid": "Write digits and a point, such as 1200.50."},
        help_text="Taken from the oldest months first.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "invoice-%s", **kwargs})
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "input--num"}

    def clean_amount(self) -> Decimal:
        return amount_of(self.cleaned_data["amount"])
