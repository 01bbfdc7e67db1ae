"""What is due is put off, or ended, as its reader and the organisation want it, before any of it is claimed."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from notifications.models import LetterPreferences, Notification
from notifications.rules import KINDS, URGENT, LetterHours, LetterTiming, digest_moments
from organisations.actions import settings_in_scope
from organisations.scope import current_organisation_id

SQL = Path(__file__).parent.parent / "sql"


def schedule(*, now: datetime) -> None:
    """End the letters that nobody wants, and put off those for a digest or for after a pause. At most five statements."""
    stored = settings_in_scope()
    hours = LetterHours(stored.house.zone, stored.quiet_from, stored.quiet_until, stored.working_days)
    given: dict[str, Any] = {"organisation": current_organisation_id(), "now": now}
    unwanted, digest = _choices(now, hours)
    if unwanted:
        _run(
            "unwanted", given | {"members": [member for member, _ in unwanted], "kinds": [kind for _, kind in unwanted]}
        )
    if digest:
        columns = zip(*digest, strict=True)
        _run(
            "digest",
            given | dict(zip(("members", "kinds", "last", "next", "at_once"), map(list, columns), strict=True)),
        )
    free_from = hours.free_from(now)
    if free_from > now:
        _run("pause", given | {"free_from": free_from, "urgent": list(URGENT)})


def _choices(
    now: datetime, hours: LetterHours
) -> tuple[list[tuple[int, str]], list[tuple[int, str, datetime, datetime, bool]]]:
    """Member and kind of what nobody wants; and of what is for a digest, with the last and the next moment of it, and whether what is
    critical comes at once all the same."""
    unwanted, digest = [], []
    waiting = Notification.objects.due(now).filter(tries=0).values("member_id")
    for row in LetterPreferences.objects.exclude(kinds={}).filter(member__in=waiting):
        zone = ZoneInfo(row.timezone) if row.timezone else hours.zone
        last, following = digest_moments(now, zone, row.digest_at)
        for kind, how in row.kinds.items():
            if kind in KINDS and how == LetterTiming.NONE:
                unwanted.append((row.member_id, kind))
            elif kind in KINDS and how == LetterTiming.DIGEST:
                digest.append((row.member_id, kind, last, following, row.critical_at_once))
    return unwanted, digest


def _run(name: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(), values)
