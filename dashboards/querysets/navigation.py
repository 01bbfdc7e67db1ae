"""What the navigation counts. As text, since every page asks it."""

import json
from typing import Any, NamedTuple

from breaches.rules import LIVE
from notifications.querysets import NEWEST, UNREAD, inbox_version
from organisations import kept_plans
from organisations.models import Membership

OPEN = "(SELECT count(*) FROM disputes_{} WHERE status = 'open')"
# One's own first. No vendor's role has a right to the table, so they are not asked.
VIEWS = """SELECT json_agg(w ORDER BY w.own DESC, lower(w.name), w.id)::text FROM (
    SELECT v.id, v.name, v.state, v.shared, v.version, v.member_id = %(member)s AS own, EXISTS (
        SELECT FROM dashboards_openingview AS o WHERE o.member_id = %(member)s AND o.view_id = v.id) AS opens
    FROM dashboards_savedview AS v WHERE v.member_id = %(member)s OR v.shared) AS w"""
COUNTS = """
SELECT ({newest}), ({unread}), (SELECT count(*) FROM breaches_breach WHERE status = ANY (%(live)s)),
    {hearings}, (SELECT name FROM organisations_vendor WHERE id = %(vendor)s), ({views})
"""
HEARINGS = f"{OPEN.format('dispute')} + {OPEN.format('reliefrequest')}"
FOR_STAFF, FOR_VENDORS = (
    COUNTS.replace("{newest}", NEWEST)
    .replace("{unread}", UNREAD)
    .replace("{hearings}", HEARINGS)
    .replace("{views}", views)
    for views in (VIEWS, "NULL")
)


class Counts(NamedTuple):
    """A member's newest notification, how many are unread, the live breaches in scope, what waits of disputes and relief, what the
    member's vendor is called, and the saved views (as JSON) that a member of the client has or is shown."""

    newest: int
    unread: int
    live: int
    hearings: int
    vendor: str | None
    views: str | None

    @property
    def inbox_version(self) -> str:
        return inbox_version(self.newest, self.unread)

    @property
    def saved_views(self) -> list[dict[str, Any]]:
        return json.loads(self.views or "[]")


def counts(member: Membership) -> Counts:
    """One statement."""
    values: dict[str, Any] = {"member": member.pk, "live": list(LIVE), "vendor": member.vendor_id}
    [found] = kept_plans.rows(FOR_VENDORS if member.is_vendor else FOR_STAFF, values)
    return Counts(*found)
