"""The organisation's settings through the API: read whole, changed in part."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import body, endpoint
from lib.errors import RuleBroken
from lib.formats import DayStyle, NumberStyle
from organisations.actions import (
    change_approvals,
    change_bands,
    change_defaults,
    change_escalation,
    change_formats,
    change_letter_hours,
    change_organisation,
    change_retention,
    change_second_factor,
    settings_in_scope,
)
from organisations.house import CLASSES, Band
from organisations.ladder import TO, Rung
from organisations.rules import SecondFactor

SECTIONS = (
    (change_organisation, ("name", "timezone")),
    (change_formats, ("number_style", "day_style")),
    (change_defaults, ("accept_after", "verify_after", "two_people_from")),
    (change_letter_hours, ("quiet_from", "quiet_until", "working_days")),
    (change_second_factor, ("second_factor", "second_factor_from")),
    (change_bands, ("bands",)),
    (change_retention, ("keep_evidence_years", "keep_mail_days", "keep_trail_years")),
)


class BandBody(serializers.Serializer):
    name = serializers.CharField(max_length=30, allow_blank=True, default="")
    begins = serializers.IntegerField(allow_null=True, help_text="The whole score it begins at; null for the last")
    ground = serializers.CharField(max_length=7, allow_blank=True, default="")
    text = serializers.CharField(max_length=7, allow_blank=True, default="")


class ApprovalsBody(serializers.Serializer):
    terms = serializers.IntegerField(help_text="How many approve a revision of terms")
    money = serializers.IntegerField(help_text="Of charges and credits")
    dates = serializers.IntegerField(help_text="Of last days")
    two_from = serializers.DecimalField(
        max_digits=14, decimal_places=2, allow_null=True, help_text="Change of the yearly charges from which two do"
    )


class RungBody(serializers.Serializer):
    after = serializers.IntegerField(help_text="Working hours of the contract in which nobody acknowledged the breach")
    to = serializers.ChoiceField([*TO], help_text="Who is told then")


class LadderBody(serializers.Serializer):
    """Who is told of a breach that nobody takes up, by how grave it is."""

    critical = RungBody(many=True)
    major = RungBody(many=True)
    minor = RungBody(many=True)


class SettingsBody(serializers.Serializer):
    version = serializers.IntegerField(help_text="As it was read: 409 where somebody changed the settings since")
    name = serializers.CharField(max_length=120)
    timezone = serializers.CharField(max_length=40)
    number_style = serializers.ChoiceField(NumberStyle.choices)
    day_style = serializers.ChoiceField(DayStyle.choices)
    accept_after = serializers.IntegerField(allow_null=True, help_text="Working days, where a contract says nothing")
    verify_after = serializers.IntegerField(allow_null=True, help_text="Periods met, where a contract says nothing")
    two_people_from = serializers.DecimalField(
        max_digits=14, decimal_places=2, allow_null=True, help_text="Null: every amount needs two people"
    )
    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    working_days = serializers.CharField(max_length=7, help_text="“12345”: Monday to Friday")
    second_factor = serializers.ChoiceField(SecondFactor.choices)
    second_factor_from = serializers.DateField(allow_null=True)
    approvals = ApprovalsBody()
    escalation = LadderBody()
    bands = BandBody(many=True, min_length=len(CLASSES), max_length=len(CLASSES), help_text="Five, the best first")
    keep_evidence_years = serializers.IntegerField(allow_null=True, max_value=100)
    keep_mail_days = serializers.IntegerField(allow_null=True, max_value=36_500)
    keep_trail_years = serializers.IntegerField(allow_null=True, max_value=100)


class SettingsChange(SettingsBody):
    """Any of them, and the version."""

    def get_fields(self) -> Any:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name == "version"
        return fields


@endpoint(("GET", "PATCH"), "settings.view", takes=SettingsChange, answers=SettingsBody)
def settings(request: Request, organisation: str) -> Response:
    """The organisation's settings. PATCH changes what it names: all of it, or nothing. For administrators who are signed in."""
    if request.method == "PATCH":
        _change(request, body(SettingsChange, request))
    return Response(SettingsBody(_values()).data)


def _change(request: Request, given: dict[str, Any]) -> None:
    """Section by section; what the body does not name stays. The request is one transaction."""
    version = given.pop("version")
    if not given:
        raise RuleBroken("nothing", "Name at least one setting to change.")
    if "bands" in given:
        given["bands"] = [Band(css, **band) for css, band in zip(CLASSES, given["bands"], strict=True)]
    now = _values()
    if "approvals" in given:
        change_approvals(by=request.membership, version=version, **given.pop("approvals"))
        version += 1
    if "escalation" in given:
        rungs = given.pop("escalation").items()
        ladder = {severity: [Rung(**one) for one in of_severity] for severity, of_severity in rungs}
        change_escalation(by=request.membership, version=version, ladder=ladder)
        version += 1
    for change, names in SECTIONS:
        if any(name in given for name in names):
            change(by=request.membership, version=version, **{name: given.get(name, now[name]) for name in names})
            version += 1


def _values() -> dict[str, Any]:
    stored = settings_in_scope()
    names = [name for _, of_section in SECTIONS for name in of_section if name not in ("name", "bands")]
    values = {name: getattr(stored, name) for name in names}
    approvals = dict.fromkeys(("terms", "money", "dates"), 1) | {"two_from": None} | (stored.approvals or {})
    named = {"name": stored.organisation.name, "bands": stored.house.bands, "approvals": approvals}
    named["escalation"] = {severity: [one._asdict() for one in rungs] for severity, rungs in stored.ladder.items()}
    return values | named | {"version": stored.version}
