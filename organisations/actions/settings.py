"""What an organisation decides for itself: each section of the settings is saved on its own. Administrators only."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, time
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import F

from lib.errors import Conflict, RuleBroken
from lib.formats import DayStyle, NumberStyle
from lib.png import checked_png
from organisations.actions.permission import require
from organisations.house import USUAL, Band, check_bands
from organisations.ladder import Ladder, as_stored, check_ladder
from organisations.models import Logo, Membership, Organisation, OrganisationSettings
from organisations.rules import (
    KEEP_EVIDENCE_YEARS,
    KEEP_MAIL_DAYS,
    KEEP_TRAIL_YEARS,
    LOGO_BYTES,
    LOGO_SIDE,
    MOST_APPROVALS,
    SecondFactor,
)
from organisations.scope import current_organisation_id


def settings_in_scope() -> OrganisationSettings:
    """The settings of the organisation in scope, or the defaults that stand until there is a row; those are not stored."""
    found: OrganisationSettings | None = OrganisationSettings.objects.first()
    return found or OrganisationSettings()


@transaction.atomic
def change_organisation(*, by: Membership | None, version: int, name: str, timezone: str) -> None:
    """Another name and clock. RuleBroken where there is no such time zone."""
    require(by, "settings.manage")
    if timezone not in available_timezones():
        raise RuleBroken("timezone", "There is no such time zone. Choose one of the list.")
    if not name.strip():
        raise RuleBroken("name", "Enter the organisation’s name.")
    _change(version, timezone=timezone)
    Organisation.objects.filter(pk=current_organisation_id()).exclude(name=name.strip()).update(name=name.strip())


@transaction.atomic
def change_formats(*, by: Membership | None, version: int, number_style: str, day_style: str) -> None:
    """How numbers and dates are written on pages."""
    require(by, "settings.manage")
    if number_style not in NumberStyle.values:
        raise RuleBroken("number_style", "Choose how numbers are written.")
    if day_style not in DayStyle.values:
        raise RuleBroken("day_style", "Choose how dates are written.")
    _change(version, number_style=number_style, day_style=day_style)


@transaction.atomic
def change_defaults(
    *,
    by: Membership | None,
    version: int,
    accept_after: int | None,
    verify_after: int | None,
    two_people_from: Decimal | None,
) -> None:
    """What holds where a contract says nothing, and from which amount on two people are needed (None: for every one)."""
    require(by, "settings.manage")
    for name, value, most in (("accept_after", accept_after, 250), ("verify_after", verify_after, 120)):
        if value is not None and not 1 <= value <= most:
            raise RuleBroken(name, f"Enter a whole number from 1 to {most}, or nothing.")
    if two_people_from is not None and (two_people_from < 0 or two_people_from != round(two_people_from, 2)):
        raise RuleBroken("two_people_from", "Enter an amount of 0 or more with two decimals at most, or nothing.")
    _change(version, accept_after=accept_after, verify_after=verify_after, two_people_from=two_people_from or None)


@transaction.atomic
def change_approvals(
    *, by: Membership | None, version: int, terms: int, money: int, dates: int, two_from: Decimal | None
) -> None:
    """How many approve a revision, by what it changes, and from which change of the yearly charges on at least two do (None: never)."""
    require(by, "settings.manage")
    needed = {"terms": terms, "money": money, "dates": dates}
    for name, count in needed.items():
        if not 1 <= count <= MOST_APPROVALS:
            raise RuleBroken(name, f"Enter a whole number from 1 to {MOST_APPROVALS}: nobody decides alone.")
    if two_from is not None and two_from < 0:
        raise RuleBroken("two_from", "Enter an amount of 0 or more, or nothing.")
    _change(version, approvals=needed | ({} if two_from is None else {"two_from": str(two_from)}))


@transaction.atomic
def change_escalation(*, by: Membership | None, version: int, ladder: Ladder) -> None:
    """Who is told of a breach that nobody takes up, by severity. A rung that is planned already comes no earlier by it."""
    require(by, "settings.manage")
    check_ladder(ladder)
    _change(version, escalation=as_stored(ladder))


@transaction.atomic
def change_letter_hours(
    *, by: Membership | None, version: int, quiet_from: time | None, quiet_until: time | None, working_days: str
) -> None:
    """When letters wait: between two times of day, and on the days that are not named (1 is Monday). RuleBroken where only one
    time is given, both are the same, or no day is left."""
    require(by, "settings.manage")
    if (quiet_from is None) != (quiet_until is None):
        raise RuleBroken("quiet_hours", "Enter both times, or neither.")
    if quiet_from is not None and quiet_from == quiet_until:
        raise RuleBroken("quiet_hours", "Quiet from and until are the same. Enter two different times, or neither.")
    days = "".join(sorted(set(working_days)))
    if not days or not set(days) <= set("1234567"):
        raise RuleBroken("working_days", "Choose at least one day on which letters are sent.")
    _change(version, quiet_from=quiet_from, quiet_until=quiet_until, working_days=days)


@transaction.atomic
def change_second_factor(
    *, by: Membership | None, version: int, second_factor: str, second_factor_from: date | None
) -> None:
    """Who must have a second factor, and from which day on. RuleBroken where somebody must and no day is given."""
    require(by, "settings.manage")
    if second_factor not in SecondFactor.values:
        raise RuleBroken("second_factor", "Choose who must have a second factor.")
    if second_factor == SecondFactor.NOBODY:
        second_factor_from = None
    elif second_factor_from is None:
        raise RuleBroken("second_factor_from", "Enter the day from which they need it, so that they can prepare.")
    _change(version, second_factor=second_factor, second_factor_from=second_factor_from)


@transaction.atomic
def change_bands(*, by: Membership | None, version: int, bands: Sequence[Band]) -> None:
    """The five bands of scores with their colours; the usual ones are stored as none. BandRefused where they make no sense."""
    require(by, "settings.manage")
    check_bands(bands)
    rows: list[dict[str, Any]] = [
        {name: value for name, value in asdict(band).items() if name != "css"} for band in bands
    ]
    _change(version, bands=[] if tuple(bands) == USUAL else rows)


@transaction.atomic
def change_retention(
    *,
    by: Membership | None,
    version: int,
    keep_evidence_years: int | None,
    keep_mail_days: int | None,
    keep_trail_years: int | None,
) -> None:
    """For how long evidence, letters and the trail are kept; None for ever. RuleBroken for less than we still need them."""
    require(by, "settings.manage")
    if keep_evidence_years is not None and keep_evidence_years < KEEP_EVIDENCE_YEARS:
        raise RuleBroken("keep_evidence_years", f"Enter {KEEP_EVIDENCE_YEARS} years or more, or nothing to keep it.")
    if keep_mail_days is not None and keep_mail_days < KEEP_MAIL_DAYS:
        raise RuleBroken("keep_mail_days", f"Enter {KEEP_MAIL_DAYS} days or more, or nothing to keep them.")
    if keep_trail_years is not None and keep_trail_years < KEEP_TRAIL_YEARS:
        raise RuleBroken("keep_trail_years", f"Enter {KEEP_TRAIL_YEARS} years or more, or nothing to keep it.")
    kept = {"keep_evidence_years": keep_evidence_years, "keep_mail_days": keep_mail_days}
    _change(version, keep_trail_years=keep_trail_years, **kept)


@transaction.atomic
def change_logo(*, by: Membership | None, version: int, content: bytes | None) -> None:
    """Another logo, or none. RuleBroken for what is no small PNG."""
    require(by, "settings.manage")
    if content is None:
        _change(version, logo_hash="")
        Logo.objects.all().delete()
        return
    if len(content) > LOGO_BYTES:
        said = f"The file has {len(content) // 1024:,} kB; at most {LOGO_BYTES // 1024} kB are taken."
        raise RuleBroken("logo", f"{said} Save a smaller picture.")
    clean = checked_png(content, least=LOGO_SIDE[0], most=LOGO_SIDE[1])
    _change(version, logo_hash=hashlib.sha256(clean).hexdigest())
    Logo.objects.update_or_create(defaults={"content": clean})


def _change(version: int, **values: Any) -> None:
    """Conflict where the settings are not as they were seen any more. What changes nothing is not written."""
    now, _ = OrganisationSettings.objects.get_or_create()
    if now.version == version and all(getattr(now, name) == value for name, value in values.items()):
        return
    if not OrganisationSettings.objects.filter(version=version).update(version=F("version") + 1, **values):
        raise Conflict("version", "Somebody else changed the settings meanwhile. Look again before you save.")
