"""What the navigation counts. As text, since every page asks it."""

from django.db import connection

from breaches.rules import LIVE
from organisations.models import Membership

COUNTS = """SELECT
    (SELECT count(*) FROM notifications_notification WHERE member_id = %s AND read_at IS NULL),
    (SELECT count(*) FROM breaches_breach WHERE status = ANY (%s))"""


def counts(member: Membership) -> tuple[int, int]:
    """The member's unread notices and the live breaches in scope. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [member.pk, list(LIVE)])
        unread, live = cursor.fetchone()
    return unread, live
