"""A new contract as a form: where it begins, its parties, its term, and how it is worked with."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import holidays
from babel import Locale
from babel.numbers import list_currencies
from django import forms

from agreements.drafting.levels import Document
from agreements.drafting.starts import starting_points
from agreements.forms.fields import PlainNumber
from agreements.forms.parts import DAYS, WEEK
from contracts.contract_file import BadFile
from contracts.contract_file.scalars import last_days_of_currencies
from contracts.contract_file.source import text_of
from contracts.models import Contract
from contracts.rules import REPORT_DUE
from lib.form_fields import day_field
from organisations.models import Membership, Vendor
from slas.metric_catalogue import OWN, trades
from slas.own_metrics import offered_metrics

TEMPLATE, CONTRACT, CATALOGUE, FILE, EMPTY = "template", "contract", "catalogue", "file", "empty"
WAYS = [
    (TEMPLATE, "A template", "Areas, levels, bands and rules of a trade, ready to adjust."),
    (CONTRACT, "Another contract", "A copy of its terms in force, without its figures."),
    (CATALOGUE, "The catalogue", "Pick metrics; each becomes a level with its usual bands."),
    (FILE, "A contract file", "YAML or JSON, with everything in it. It becomes a draft."),
    (EMPTY, "Nothing", "An empty contract; areas and levels come later."),
]
COMMON = (
    "GBP",
    "EUR",
    "USD",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CAD",
    "AUD",
    "NZD",
    "JPY",
    "SGD",
    "HKD",
    "INR",
    "ZAR",
)
ZONES = (
    "Europe/London Europe/Dublin Europe/Lisbon Europe/Madrid Europe/Paris Europe/Brussels Europe/Amsterdam Europe/Luxembourg Europe/Berlin "
    "Europe/Zurich Europe/Vienna Europe/Rome Europe/Copenhagen Europe/Oslo Europe/Stockholm Europe/Helsinki Europe/Warsaw Europe/Prague "
    "Europe/Budapest Europe/Bucharest Europe/Athens Europe/Istanbul Europe/Kyiv America/New_York America/Toronto America/Chicago "
    "America/Denver America/Phoenix America/Los_Angeles America/Vancouver America/Mexico_City America/Bogota America/Sao_Paulo "
    "Africa/Johannesburg Africa/Lagos Africa/Nairobi Africa/Cairo Asia/Dubai Asia/Karachi Asia/Kolkata Asia/Singapore Asia/Hong_Kong "
    "Asia/Shanghai Asia/Manila Asia/Seoul Asia/Tokyo Australia/Perth Australia/Sydney Pacific/Auckland UTC"
).split()
NATIONS = (("GB-ENG", "England"), ("GB-SCT", "Scotland"), ("GB-WLS", "Wales"), ("GB-NIR", "Northern Ireland"))
ENGLISH = Locale("en", "GB")


@cache
def holiday_calendars() -> list[tuple[str, str]]:
    """The public holidays that a contract may leave out, the parts of the United Kingdom first."""
    countries = {
        code: ENGLISH.territories.get(code) for code in holidays.list_supported_countries(include_aliases=False)
    }
    named = sorted(((code, name) for code, name in countries.items() if name and code != "GB"), key=lambda one: one[1])
    return [("", "None"), *NATIONS, *named]


@cache
def currencies() -> list[tuple[str, str]]:
    """Those in use, the common ones first."""
    last = last_days_of_currencies()
    others = sorted(code for code in list_currencies() if last.get(code) == date.max and code not in COMMON)
    return [(code, f"{code} {ENGLISH.currencies.get(code, '')}".strip()) for code in (*COMMON, *others)]


class NewContractForm(forms.Form):
    """Of a contract file that is chosen nothing else is asked: it has it all."""

    begin = forms.ChoiceField(
        label="Start from", choices=[(key, label) for key, label, _ in WAYS], widget=forms.RadioSelect
    )
    template = forms.ChoiceField(label="Template", required=False)
    contract = forms.ChoiceField(label="Contract", required=False)
    metrics = forms.MultipleChoiceField(
        label="Metrics",
        required=False,
        help_text="Choose several with Ctrl or Cmd held down.",
        widget=forms.SelectMultiple(attrs={"size": 10}),
    )
    file = forms.FileField(
        label="Contract file",
        required=False,
        error_messages={"empty": "The file is empty. Choose another one."},
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )

    vendor = forms.ChoiceField(label="Vendor", required=False)
    vendor_name = forms.CharField(label="Name of a new vendor", required=False, max_length=120)
    vendor_code = forms.CharField(label="Its code", required=False, max_length=40, help_text="Short, such as CORVID.")
    reference = forms.CharField(
        label="Reference", required=False, max_length=60, help_text="Unique, such as SD-2027-002."
    )
    title = forms.CharField(label="Title", required=False, max_length=200, help_text="What the contract is about.")
    starts_on = day_field("First day", required=False)
    ends_on = day_field("Last day", required=False)
    currency = forms.ChoiceField(label="Currency", required=False, choices=currencies)
    timezone = forms.ChoiceField(
        label="Time zone", required=False, choices=[(zone, zone.replace("_", " ")) for zone in ZONES]
    )
    monthly = PlainNumber(label="Charges a month", help_text="Empty: none, or listed by month later.")
    holidays = forms.ChoiceField(label="Public holidays of", required=False, choices=holiday_calendars)
    hours = forms.CharField(
        label="Working hours", required=False, max_length=11, help_text="Such as 09:00-17:00; empty: none stated."
    )
    weekdays = forms.MultipleChoiceField(
        label="Working days", required=False, choices=DAYS, widget=forms.CheckboxSelectMultiple
    )
    report_due = forms.IntegerField(label="Figures due", required=False, min_value=1, max_value=250)
    manager = forms.ChoiceField(label="Account manager in charge", required=False)
    procurement = forms.ChoiceField(label="Procurement officer in charge", required=False)

    NEEDED = {
        "vendor": "Choose the vendor, or name a new one.",
        "reference": "Enter the reference by which both sides know the contract.",
        "title": "Say in a few words what the contract is about.",
        "starts_on": "Enter the contract’s first day.",
        "ends_on": "Enter the contract’s last day.",
    }

    def __init__(
        self,
        *args: Any,
        vendors: Sequence[Vendor],
        contracts: Sequence[Contract],
        managers: Sequence[Membership],
        officers: Sequence[Membership],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.vendors = {one.code: one for one in vendors}
        self.people = {str(one.pk): one for one in (*managers, *officers)}
        offered = offered_metrics().values()
        choices: dict[str, Any] = {
            "template": [(one.key, one.name) for one in starting_points().values()],
            "contract": [("", "Choose one"), *((str(one.pk), f"{one.reference} {one.title}") for one in contracts)],
            "metrics": [
                (name, chosen)
                for code, name in {OWN: "Your own", **trades()}.items()
                if (chosen := [(one.code, f"{one.code} {one.name}") for one in offered if one.trade == code])
            ],
            "vendor": [("", "A new vendor"), *((one.code, one.name) for one in vendors)],
            "manager": [("", "Nobody yet"), *((str(one.pk), one.name) for one in managers)],
            "procurement": [("", "Nobody yet"), *((str(one.pk), one.name) for one in officers)],
        }
        for name, given in choices.items():
            self.fields[name].choices = given  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        way = given.get("begin")
        if way == FILE:
            self._read(given)
            return given
        wanted = {
            CONTRACT: ("contract", "Choose the contract to copy."),
            CATALOGUE: ("metrics", "Choose at least one metric."),
        }
        if way in wanted and not given.get(wanted[way][0]) and wanted[way][0] not in self.errors:
            self.add_error(*wanted[way])
        for name, said in self.NEEDED.items():
            if not given.get(name) and name not in self.errors and not (name == "vendor" and given.get("vendor_name")):
                self.add_error(name, said)
        if not given.get("vendor") and given.get("vendor_name") and not given.get("vendor_code"):
            self.add_error("vendor_code", "Enter a short code for the new vendor.")
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last <= first:
            self.add_error("ends_on", f"Enter a day after {first:%-d %b %Y}.")
        return given

    def _read(self, given: dict[str, Any]) -> None:
        """The text of the file, which is all that counts then."""
        file = given.get("file")
        if file is None:
            if "file" not in self.errors:
                self.add_error("file", "Choose the file.")
            return
        try:
            given["source"] = text_of(file.read())
        except BadFile as bad:
            self.add_error("file", str(bad.problems[0]))

    def part(self) -> Document:
        """The contract's own part of a file."""
        given = self.cleaned_data
        known = self.vendors.get(given["vendor"])
        weekdays = given["weekdays"] or WEEK
        calendar: Document = {
            **({"holidays": given["holidays"]} if given["holidays"] else {}),
            **({"weekdays": weekdays} if weekdays != WEEK else {}),
            **({"hours": given["hours"]} if given["hours"] else {}),
        }
        return {
            "reference": given["reference"],
            "title": given["title"],
            "vendor": {"code": known.code, "name": known.name}
            if known
            else {"code": given["vendor_code"], "name": given["vendor_name"]},
            "starts_on": given["starts_on"].isoformat(),
            "ends_on": given["ends_on"].isoformat(),
            "currency": given["currency"] or COMMON[0],
            "timezone": given["timezone"] or ZONES[0],
            "calendar": calendar,
            "report_due": str(given["report_due"] or REPORT_DUE),
            "charges": {"monthly": given["monthly"]} if given["monthly"] else {},
        }


# Where a problem of the file is said; what is about none of these stands above the form.
PLACES = {
    "contract.reference": "reference", "contract.title": "title",
    "contract.vendor.code": "vendor_code", "contract.vendor.name": "vendor_name",
    "contract.starts_on": "starts_on", "contract.ends_on": "ends_on", "contract.currency": "currency", "contract.timezone": "timezone",
    "contract.calendar.holidays": "holidays", "contract.calendar.hours": "hours", "contract.calendar": "weekdays",
    "contract.report_due": "report_due", "contract.charges": "monthly",
}  # fmt: skip


def show_problems(form: NewContractForm, problems: Sequence[Any]) -> None:
    for one in problems:
        name = next((field for start, field in PLACES.items() if str(getattr(one, "path", "")).startswith(start)), None)
        form.add_error(name, one.message if name else str(one))
