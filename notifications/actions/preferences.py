"""How somebody wants to be written to: chosen on a page, or ended by the link of a letter."""

from collections.abc import Mapping
from datetime import time
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import F

from lib.errors import Conflict, RuleBroken
from notifications.links import read_stop_key
from notifications.models import LetterPreferences
from notifications.rules import KINDS, LetterTiming
from organisations.actions import require
from organisations.models import Membership
from organisations.scope import open_scope


def preferences_of(member: Membership) -> LetterPreferences:
    """The member's preferences, or those that stand until there are any; they are not stored."""
    found: LetterPreferences | None = LetterPreferences.objects.filter(member=member).first()
    return found or LetterPreferences(member=member, vendor_id=member.vendor_id)


@transaction.atomic
def choose_letters(
    *,
    by: Membership,
    kinds: Mapping[str, str],
    timezone: str,
    digest_at: time,
    version: int,
    critical_at_once: bool = True,
) -> LetterPreferences:
    """One's own preferences. RuleBroken for what cannot be chosen, Conflict where they were changed since `version`."""
    require(by, "inbox.view")
    if set(kinds) - set(KINDS) or set(kinds.values()) - set(LetterTiming.values):
        raise RuleBroken("kinds", "Choose for each kind: at once, once a day, or not at all.")
    if timezone and timezone not in available_timezones():
        raise RuleBroken("timezone", "There is no such time zone. Choose one of the list.")
    chosen = {kind: how for kind, how in kinds.items() if how != LetterTiming.AT_ONCE}
    row, _ = LetterPreferences.objects.get_or_create(member=by, defaults={"vendor_id": by.vendor_id})
    found = LetterPreferences.objects.filter(pk=row.pk, version=version)
    given = {"kinds": chosen, "timezone": timezone, "digest_at": digest_at, "critical_at_once": critical_at_once}
    if not found.update(**given, version=F("version") + 1):
        raise Conflict("version", "Your preferences were changed in another window. Look again before you save.")
    row.refresh_from_db()
    return row


def stop_letters(*, key: str) -> bool:
    """No letters of any kind any more to the member whom the key of a letter names. False where the key is none of ours.

    Outside a scope: whoever holds the key has read the member's mail, and need not sign in. A second time changes nothing.
    """
    parts = read_stop_key(key)
    if parts is None:
        return False
    with open_scope(organisation_id=parts.organisation_id, actor_id=parts.member_id):
        member = Membership.objects.people().filter(pk=parts.member_id).first()
        if member is None:
            return False
        row, _ = LetterPreferences.objects.get_or_create(member=member, defaults={"vendor_id": member.vendor_id})
        none = dict.fromkeys(KINDS, LetterTiming.NONE.value)
        LetterPreferences.objects.filter(pk=row.pk).exclude(kinds=none).update(kinds=none, version=F("version") + 1)
    return True
