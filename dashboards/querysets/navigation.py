"""What the navigation counts. As text, since every page asks it."""

from typing import NamedTuple

from django.db import connection

from breaches.rules import LIVE
from notifications.querysets import NEWEST, UNREAD, inbox_version
from organisations.models import Membership

OPEN = "(SELECT count(*) FROM disputes_{} WHERE status = 'open')"
COUNTS = f"""
SELECT ({NEWEST}), ({UNREAD}), (SELECT count(*) FROM breaches_breach WHERE status = ANY (%(live)s)),
    {OPEN.format("dispute")} + {OPEN.format("reliefrequest")}, (SELECT name FROM organisations_vendor WHERE id = %(vendor)s)
"""  # noqa: S608


class Counts(NamedTuple):
    """A member's newest notification, how many are unread, the live breaches in scope, what waits of disputes and relief, and what the
    member's vendor is called."""

    newest: int
    unread: int
    live: int
    hearings: int
    vendor: str | None

    @property
    def inbox_version(self) -> str:
        return inbox_version(self.newest, self.unread)


def counts(member: Membership) -> Counts:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"member": member.pk, "live": list(LIVE), "vendor": member.vendor_id})
        return Counts(*cursor.fetchone())
