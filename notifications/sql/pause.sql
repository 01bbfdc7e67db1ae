-- Puts off what can wait until the organisation's pause is over.
UPDATE notifications_notification AS n SET due_at = %(free_from)s
FROM notifications_event AS e
WHERE n.organisation_id = %(organisation)s AND n.sent_at IS NULL AND n.given_up_at IS NULL AND n.due_at <= %(now)s AND n.tries = 0
  AND (n.leased_until IS NULL OR n.leased_until <= %(now)s)
  AND e.organisation_id = n.organisation_id AND e.id = n.event_id
  AND NOT e.kind = ANY (%(urgent)s)
  AND NOT (e.critical AND NOT EXISTS (
    SELECT FROM notifications_letterpreferences AS p
    WHERE p.organisation_id = n.organisation_id AND p.member_id = n.member_id AND NOT p.critical_at_once))
