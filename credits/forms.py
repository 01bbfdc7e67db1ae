"""What people type about credits."""

from decimal import Decimal
from typing import Any

from django import forms

from credits.exports import CASH_COLUMNS
from credits.models import ColumnTemplate
from lib.form_fields import day_field, text_field
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
    on = day_field("Day of the invoice", required=False, help_text="Today, where it is left out.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "invoice-%s", **kwargs})
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "input--num"}

    def clean_amount(self) -> Decimal:
        return amount_of(self.cleaned_data["amount"])


class OnInvoiceForm(forms.Form):
    """The invoice that takes claims off."""

    invoice = forms.CharField(label="Invoice number", max_length=80)
    on = day_field("Day of the invoice")


class RecoveredForm(forms.Form):
    """Money that has arrived."""

    on = day_field("Arrived on")
    payment = forms.CharField(
        label="Payment", max_length=80, required=False, help_text="Its number in accounts payable"
    )


class DeclineForm(forms.Form):
    reason = text_field("Why it is declined", rows=2, error_messages={"required": "Say why the claim is declined."})


class WriteOffForm(forms.Form):
    reason = text_field(
        "Why it is written off", rows=2, error_messages={"required": "Say why the credit is written off."}
    )


class PaymentsFileForm(forms.Form):
    """A file that accounts payable sends back."""

    file = forms.FileField(
        label="File", help_text="CSV or .xlsx with a reference and an amount in each row", max_length=200
    )


class TemplateForm(forms.Form):
    """Which columns go to accounts payable: each with its place, or none, and the head that its program knows."""

    name = forms.CharField(label="Name", max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in CASH_COLUMNS:
            self.fields[f"place-{column.name}"] = forms.IntegerField(
                label=f"Place of {column.label}",
                required=False,
                min_value=1,
                max_value=99,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input--num", "size": 2}),
            )
            self.fields[f"head-{column.name}"] = forms.CharField(
                label=f"Head of {column.label}", required=False, max_length=60
            )

    @classmethod
    def of(cls, template: ColumnTemplate) -> "TemplateForm":
        initial: dict[str, Any] = {"name": template.name}
        for place, (name, head) in enumerate(template.columns, 1):
            initial |= {f"place-{name}": place, f"head-{name}": head}
        return cls(initial=initial)

    @property
    def rows(self) -> list[tuple[str, Any, Any]]:
        """What a column is called here, its place and its head."""
        return [(one.label, self[f"place-{one.name}"], self[f"head-{one.name}"]) for one in CASH_COLUMNS]

    def columns(self) -> list[tuple[str, str]]:
        """(name, head) of those with a place, in its order; the head is ours where none is given."""
        given = self.cleaned_data
        placed = [one for one in CASH_COLUMNS if given[f"place-{one.name}"] is not None]
        placed.sort(key=lambda one: given[f"place-{one.name}"])
        return [(one.name, given[f"head-{one.name}"].strip() or one.label) for one in placed]
