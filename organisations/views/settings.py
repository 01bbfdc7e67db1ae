"""The organisation's settings: a page of sections, each a form that is saved on its own; and what they look like on other pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from lib.errors import Conflict, RuleBroken
from lib.posts import posted_from
from organisations import settings_forms as forms
from organisations.access import allows
from organisations.actions import (
    change_approvals,
    change_bands,
    change_defaults,
    change_escalation,
    change_formats,
    change_letter_hours,
    change_logo,
    change_organisation,
    change_retention,
    change_second_factor,
    settings_in_scope,
)
from organisations.house import BandRefused, colours_css
from organisations.models import Logo, Membership, OrganisationSettings
from organisations.requests import MemberRequest
from organisations.rules import Factor, SecondFactor

FORMS: dict[str, type[forms.SectionForm]] = {
    "organisation": forms.OrganisationForm,
    "formats": forms.FormatsForm,
    "defaults": forms.DefaultsForm,
    "approvals": forms.ApprovalsForm,
    "escalation": forms.EscalationForm,
    "logo": forms.LogoForm,
    "letters": forms.LetterHoursForm,
    "second_factor": forms.SecondFactorForm,
    "bands": forms.BandsForm,
    "retention": forms.RetentionForm,
}
ACTIONS: dict[str, Callable[..., None]] = {
    "organisation": change_organisation,
    "formats": change_formats,
    "defaults": change_defaults,
    "approvals": change_approvals,
    "escalation": change_escalation,
    "logo": change_logo,
    "letters": change_letter_hours,
    "second_factor": change_second_factor,
    "bands": change_bands,
    "retention": change_retention,
}
# The page's two columns: section, heading, a word on it.
COLUMNS = (
    (
        ("organisation", "Organisation", ""),
        ("formats", "Numbers and dates", "As all pages of the organisation write them."),
        ("letters", "Letters", "What cannot wait, such as a right to terminate, is sent at once."),
        ("retention", "Retention", "Kept for ever where nothing is entered. Removed at night."),
        (
            "escalation",
            "Breaches that nobody takes up",
            "Who is told after how many working hours of the contract. Whoever is in charge is told when one opens.",
        ),
        ("logo", "Logo", ""),
    ),
    (
        ("second_factor", "Second factor", ""),
        ("defaults", "Contracts", "Where a contract says nothing of its own."),
        (
            "approvals",
            "Revisions of contracts",
            "How many people approve one before the vendor is asked; never who wrote it.",
        ),
        ("bands", "Score bands", "Colours like #1c6b49; without them ours, light and dark."),
    ),
)
# Where a refusal belongs in its form.
FIELDS = {"quiet_hours": "quiet_until", "logo": "file", "picture": "file", "picture_size": "file"}
FOR_A_YEAR = "private, max-age=31536000, immutable"  # the address changes with the content


@require_safe
@allows("settings.view")
def settings(request: MemberRequest, organisation: str) -> HttpResponse:
    return _show(request)


@posted_from("settings")
@allows("settings.manage")
def save(request: MemberRequest, organisation: str, section: str) -> HttpResponse:
    """Saves one section. 422 with what was typed; 409 with what stands by now."""
    stored = settings_in_scope()
    form = _form(section, stored, request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, 422, form=form, section=section)
    try:
        ACTIONS[section](by=request.membership, version=form.cleaned_data["version"], **form.wanted)
    except Conflict as conflict:
        return _show(request, 409, form=form, section=section, moved_on=conflict.sentence)
    except BandRefused as refused:
        form.add_error(f"{refused.field}_{refused.place}", refused.sentence)
        return _show(request, 422, form=form, section=section)
    except RuleBroken as refused:
        field = FIELDS.get(refused.code, refused.code)
        form.add_error(field if field in form.fields else None, refused.sentence)
        return _show(request, 422, form=form, section=section)
    messages.success(request, "Saved")
    return redirect("settings", organisation)


def _form(section: str, stored: OrganisationSettings, *typed: Any) -> forms.SectionForm:
    return FORMS[section](*typed, stored=stored, auto_id=f"{section}-%s")


def _show(
    request: MemberRequest, status: int = 200, form: Any = None, section: str = "", moved_on: str = ""
) -> HttpResponse:
    stored = settings_in_scope()
    sections = {name: _form(name, stored) for name in FORMS}
    now: Any = None
    counts = _with_second_factor()
    if form is not None:
        now, sections[section] = sections[section], form
    context = {
        "columns": [[(*words, sections[words[0]]) for words in column] for column in COLUMNS],
        "stored": stored,
        "may_change": request.membership.may("settings.manage"),
        "failed": section,
        "moved_on": moved_on,
        "now": now,
        "counts": counts,
        "factor_choices": _factor_choices(counts),
    }
    return render(request, "organisations/settings.html", context, status=status)


def _with_second_factor() -> dict[str, int]:
    """How many people of each side come in with a second factor, and how many there are. One statement."""
    counts: dict[str, int] = Membership.objects.active().count_factors([Factor.PASSKEY, Factor.CODE])
    return counts


def _factor_choices(counts: dict[str, int]) -> list[dict[str, str]]:
    """Who can be asked for a second factor, and how many of them have none yet."""
    sides = {
        SecondFactor.STAFF: ("staff",),
        SecondFactor.VENDORS: ("vendors",),
        SecondFactor.EVERYBODY: ("staff", "vendors"),
    }
    words = {SecondFactor.NOBODY: "Offered, not asked for"}
    for choice, of in sides.items():
        people = sum(counts[side] for side in of)
        without = people - sum(counts[f"{side}_factor"] for side in of)
        words[choice] = f"{without} of {people} still without"
    return [{"value": one.value, "label": one.label, "words": words[one]} for one in SecondFactor]


# What other pages show of it ---------------------------------------------------------------------------------------


@require_safe
@allows("organisation.view")
def logo(request: MemberRequest, organisation: str) -> HttpResponse:
    """The logo as a picture and as nothing else, whatever a browser makes of its bytes."""
    found = Logo.objects.first()
    if found is None:
        raise Http404("There is no logo.")
    response = HttpResponse(bytes(found.content), content_type="image/png")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = FOR_A_YEAR
    return response


@require_safe
@allows("organisation.view")
def colours(request: MemberRequest, organisation: str) -> HttpResponse:
    """The organisation's own colours of scores, as a style sheet."""
    response = HttpResponse(colours_css(request.membership.house.bands), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_A_YEAR
    return response
