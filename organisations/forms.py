"""What people type about people and vendors."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from lib.errors import RuleBroken
from organisations.identifiers import SCHEMES, normalised
from organisations.invitation_list import MAX_BYTES, UnreadableList, from_csv, from_text
from organisations.models import User, Vendor
from organisations.rules import TIERS, VENDOR_ROLES, Filed, KeyScope, Role


class InviteForm(forms.Form):
    """Addresses, pasted or in a file, and the role and vendor of all that say no other. `wanted` is what they come to.

    `roles` and `vendors` are those that the member may invite into; a vendor's manager has one vendor and is not asked.
    """

    addresses = forms.CharField(
        label="E-mail addresses",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Several at once: one a line, or separated by commas.",
    )
    file = forms.FileField(
        label="Or a CSV file",
        required=False,
        help_text="Columns: email, and where they differ role and vendor (its code).",
        error_messages={"empty": "The file is empty. Choose another one."},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    role = forms.ChoiceField(label="Role", error_messages={"required": "Choose a role."})
    vendor = forms.ChoiceField(label="Vendor", required=False)
    note = forms.CharField(label="A word to them", required=False, max_length=300)

    def __init__(self, *args: Any, roles: Iterable[Role], vendors: list[Vendor], own: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.roles, self.vendors, self.own = list(roles), vendors, own
        self.fields["role"].choices = [(role.value, role.label) for role in self.roles]  # type: ignore[attr-defined]
        none = [] if own else [("", "None, they are our own people")]
        named = [(vendor.code, f"{vendor.name} ({vendor.code})") for vendor in vendors]
        self.fields["vendor"].choices = [*none, *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        role, file = given.get("role"), given.get("file")
        if role is None or self.errors:
            return given
        code = self.vendors[0].code if self.own else given.get("vendor", "")
        if (role in VENDOR_ROLES) != bool(code) and not file:
            name = Role(role).label
            text = (
                f"Choose the vendor: {name} is a role at a vendor."
                if not code
                else f"Choose no vendor: {name} is ours."
            )
            self.add_error("vendor", text)
            return given
        try:
            given["wanted"] = self._wanted(given, role, code)
        except UnreadableList as unreadable:
            field = "file" if file else "addresses"
            for problem in unreadable.problems:
                self.add_error(field, problem)
        return given

    def _wanted(self, given: dict[str, Any], role: str, code: str) -> list[Any]:
        file = given.get("file")
        if file is None:
            return from_text(given["addresses"], role=role, vendor_code=code)
        if file.size > MAX_BYTES:
            raise UnreadableList([f"The file has {file.size:,} bytes; at most {MAX_BYTES:,} are read."])
        codes = {vendor.code for vendor in self.vendors}
        return from_csv(file.read(), role=role, vendor_code=code, vendor_codes=codes)


class AcceptForm(forms.Form):
    """A first name and password for an address that has no account yet."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        help_text="As your client sees it beside what you do.",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        help_text="At least 12 characters. A few words in a row are easy to remember and hard to guess.",
        error_messages={"required": "Choose a password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("password"):
            try:
                validate_password(given["password"], User(email=self.email, name=given.get("name", "")))
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return given


class MemberForm(forms.Form):
    """Another role, and which state of the member it was chosen for."""

    role = forms.ChoiceField(choices=Role.choices, error_messages={"required": "Choose a role."})
    version = forms.IntegerField(widget=forms.HiddenInput)


class VersionForm(forms.Form):
    """A decision without words: which state it was made for."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class VendorForm(forms.Form):
    """A vendor and the numbers under which registers know it. `identifiers` is scheme to number."""

    name = forms.CharField(
        label="Name", max_length=120, error_messages={"required": "Enter the name that is on the contract."}
    )
    code = forms.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z",
        label="Code",
        max_length=40,
        help_text="Short, without spaces. Contract files name the vendor by it.",
        error_messages={
            "required": "Enter a code.",
            "invalid": "Use letters, digits, dots, hyphens and underscores, and begin with a letter or digit.",
        },
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    tier = forms.TypedChoiceField(
        label="Tier",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Not filed"), *((str(one), f"Tier {one}") for one in TIERS)],
        help_text="Tier 1 is what you can least do without.",
    )
    service = forms.CharField(
        label="Service", required=False, max_length=60, help_text="What the vendor does for you, such as Payroll."
    )
    namesake = forms.BooleanField(label="This is another company of that name", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for scheme, known in SCHEMES.items():
            self.fields[field_of(scheme)] = forms.CharField(
                label=known.label, required=False, max_length=60, help_text=f"Like {known.example}"
            )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for scheme in SCHEMES:
            if number := given.get(field_of(scheme), "").strip():
                try:
                    given[field_of(scheme)] = normalised(scheme, number)
                except RuleBroken as broken:
                    self.add_error(field_of(scheme), broken.sentence)
        return given

    @property
    def registers(self) -> list[forms.BoundField]:
        return [self[field_of(scheme)] for scheme in SCHEMES]

    @property
    def filed(self) -> Filed:
        return Filed(self.cleaned_data["tier"], self.cleaned_data["service"])

    @property
    def identifiers(self) -> dict[str, str]:
        return {scheme: self.cleaned_data.get(field_of(scheme), "") for scheme in SCHEMES}


def field_of(scheme: str) -> str:
    """The name of the field for a register's number."""
    return f"id_{scheme.lower().replace('-', '_')}"


class KeyForm(forms.Form):
    """A new API key. `wanted` is what the action takes."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="What uses it, in words a colleague understands.",
    )
    scope = forms.ChoiceField(label="May", choices=KeyScope.choices, initial=KeyScope.READ, widget=forms.RadioSelect)
    vendor = forms.ChoiceField(label="Limited to", required=False)
    expires = forms.DateField(label="Ends", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    SCOPES = {
        KeyScope.READ: "Contracts, results, scorecards, credits",
        KeyScope.REPORT: "Also figures and evidence",
        KeyScope.MANAGE: "Also what its owner’s role may do, people too; never decide, approve or make administrators",
    }

    def __init__(self, *args: Any, vendors: Iterable[Vendor], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vendors = {vendor.code: vendor for vendor in vendors}
        choices = [("", "All vendors"), *[(vendor.code, vendor.name) for vendor in self.vendors.values()]]
        self.fields["vendor"].choices = choices  # type: ignore[attr-defined]
        self.fields["expires"].initial = timezone.localdate(now + timedelta(days=365))

    @property
    def scopes(self) -> list[dict[str, Any]]:
        chosen = self["scope"].value()
        return [
            {"value": scope.value, "label": scope.label, "words": self.SCOPES[scope], "chosen": scope == chosen}
            for scope in KeyScope
        ]

    @property
    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "name": given["name"],
            "scope": given["scope"],
            "vendor": self.vendors.get(given["vendor"]),
            # The whole of that day, as the organisation counts it.
            "expires_at": timezone.make_aware(datetime.combine(given["expires"], time(23, 59, 59))),
        }


class EndSessionForm(forms.Form):
    """Which session ends; without one, all the others."""

    session = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
