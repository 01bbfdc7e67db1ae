"""Whether anything happened that an open page shows, for the question that it asks every few seconds."""

from collections.abc import Sequence

from django.db import connection

from breaches.rules import LIVE
from notifications.querysets import NEWEST, UNREAD

# Each part by an index, or of a handful of rows: judgements of contracts, breaches and what was done about them, submissions and decisions
# on them, what is disputed and asked to be relieved, publications, and the members' own inboxes. All of the client's people see the same
# rows of these.
INBOX = f"concat_ws('-', ({NEWEST}), ({UNREAD})), ({UNREAD})".replace("%(member)s", "m.id")
PULSE = f"""
SELECT m.id, concat_ws('-', (SELECT concat_ws('.', count(*), sum(judgements)) FROM contracts_reevaluation), l.breaches,
        (SELECT concat_ws('.', count(*), extract(epoch FROM max(submitted_at))) FROM measurements_submission WHERE status = 'submitted'),
        (SELECT extract(epoch FROM max(decided_at)) FROM measurements_submission WHERE status IN ('returned', 'accepted')),
        (SELECT concat_ws('.', count(*), sum(version)) FROM disputes_dispute WHERE status = 'open'),
        (SELECT concat_ws('.', count(*), sum(version)) FROM disputes_reliefrequest WHERE status = 'open'),
        (SELECT max(id) FROM scorecards_publication)),
    {INBOX}, l.live
FROM unnest(%(members)s) AS m (id)
CROSS JOIN (
    SELECT count(*) AS live, concat_ws('.', count(*), sum(version)) AS breaches FROM breaches_breach WHERE status = ANY (%(live)s)
) AS l
"""  # noqa: S608


def pulses(members: Sequence[int]) -> dict[int, tuple[str, int, int]]:
    """Of each member of the client's a text that changes whenever something happened, the unread notifications, and the live breaches.
    One statement."""
    with connection.cursor() as cursor:
        cursor.execute(PULSE, {"members": list(members), "live": list(LIVE)})
        return {
            pk: (f"{everybody}-{own}", int(unread), int(live)) for pk, everybody, own, unread, live in cursor.fetchall()
        }
