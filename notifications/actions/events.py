"""Events: something happened, and certain people are to know it, once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from lib import clock
from notifications.rules import NewEvent
from organisations.models import Membership, Vendor
from organisations.scope import current_organisation_id

# One statement for any number of events. A key that is there already says that its people know, so nothing follows from it.
PUBLISH = """
WITH said AS (
    SELECT * FROM unnest(%(keys)s::text[], %(kinds)s::text[], %(titles)s::text[], %(details)s::text[], %(paths)s::text[],
        %(vendors)s::bigint[], %(letters)s::boolean[], %(criticals)s::boolean[])
        AS s (key, kind, title, detail, path, vendor_id, letter, critical)
), event AS (
    INSERT INTO notifications_event (organisation_id, vendor_id, key, kind, title, detail, path, critical, created_at)
    SELECT %(organisation)s, vendor_id, key, kind, left(title, 300), left(detail, 500), path, critical, %(now)s FROM said
    ON CONFLICT (organisation_id, key) DO NOTHING
    RETURNING id, key
), notification AS (
    INSERT INTO notifications_notification
        (organisation_id, vendor_id, event_id, member_id, mail_id, due_at, tries, last_error, created_at, given_up_at)
    SELECT m.organisation_id, m.vendor_id, event.id, m.id, gen_random_uuid(), %(now)s, 0,
        CASE WHEN said.letter THEN '' ELSE 'In the inbox alone.' END, %(now)s, CASE WHEN NOT said.letter THEN %(now)s::timestamptz END
    FROM unnest(%(told)s::text[], %(members)s::bigint[]) AS t (key, member_id)
    JOIN event ON event.key = t.key
    JOIN (SELECT key, min(vendor_id) AS vendor_id, bool_or(letter) AS letter FROM said GROUP BY key) AS said ON said.key = t.key
    JOIN organisations_membership AS m ON m.organisation_id = %(organisation)s AND m.id = t.member_id AND m.is_active
        AND (m.vendor_id IS NULL OR m.vendor_id = said.vendor_id)
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM event
"""


def publish_event(
    *,
    key: str,
    kind: str,
    title: str,
    detail: str = "",
    path: str = "",
    to: Iterable[Membership],
    vendor: Vendor | None = None,
) -> bool:
    """Put one event into the inboxes of `to` and make it due for sending. False where its key was announced before.

    `vendor`: whose people may read the event; without one it is the client's own matter.
    """
    new_event = NewEvent(
        key, kind, title, tuple(member.pk for member in to), detail, path, None if vendor is None else vendor.pk
    )
    return publish_events([new_event], now=clock.database_now()) == 1


@transaction.atomic
def publish_events(new_events: Sequence[NewEvent], *, now: datetime) -> int:
    """Announce many at once, in one statement. Returns how many were new; a second call with the same keys returns 0.

    Members who are not active any more get nothing; nor do a vendor's people of what is not their vendor's.
    """
    if not new_events:
        return 0
    told = [(new_event.key, member) for new_event in new_events for member in new_event.members]
    with connection.cursor() as cursor:
        cursor.execute(
            PUBLISH,
            {
                "organisation": current_organisation_id(),
                "now": now,
                "keys": [new_event.key for new_event in new_events],
                "kinds": [new_event.kind for new_event in new_events],
                "titles": [new_event.title for new_event in new_events],
                "details": [new_event.detail for new_event in new_events],
                "paths": [new_event.path for new_event in new_events],
                "letters": [new_event.letter for new_event in new_events],
                "criticals": [new_event.critical for new_event in new_events],
                "vendors": [new_event.vendor_id for new_event in new_events],
                "told": [key for key, _ in told],
                "members": [member for _, member in told],
            },
        )
        return int(cursor.fetchone()[0])
