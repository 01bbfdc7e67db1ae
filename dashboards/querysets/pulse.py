"""Whether anything happened that an open page shows, for the question that it asks every few seconds."""

from django.db import connection

from breaches.rules import LIVE
from notifications.querysets import NEWEST, UNREAD
from organisations.models import Membership

# Each part by an index, or of a handful of rows: judgements of contracts, breaches and what was done about them, submissions and decisions
# on them, publications, and the member's own inbox. Row security keeps it to what the member sees.
PULSE = f"""
SELECT (SELECT concat_ws('.', count(*), sum(judgements)) FROM contracts_reevaluation),
    (SELECT concat_ws('.', count(*), sum(version)) FROM breaches_breach WHERE status = ANY (%(live)s)),
    (SELECT concat_ws('.', count(*), extract(epoch FROM max(submitted_at))) FROM measurements_submission WHERE status = 'submitted'),
    (SELECT extract(epoch FROM max(decided_at)) FROM measurements_submission WHERE status IN ('returned', 'accepted')),
    (SELECT max(id) FROM scorecards_publication),
    ({NEWEST}), ({UNREAD}), (SELECT count(*) FROM breaches_breach WHERE status = ANY (%(live)s))
"""  # noqa: S608


def pulse(member: Membership) -> tuple[str, int, int]:
    """A text that changes whenever something happened, the unread notifications, and the live breaches. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(PULSE, {"member": member.pk, "live": list(LIVE)})
        found = cursor.fetchone()
    return "-".join(str(part) for part in found[:-1]), int(found[-2]), int(found[-1])
