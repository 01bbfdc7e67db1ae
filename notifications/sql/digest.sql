-- Puts off what is for a digest until the next one, but not what is critical for those who want that at once. What came before the last moment of a digest is due now.
UPDATE notifications_notification AS n SET due_at = p.following
FROM notifications_event AS e,
    unnest(%(members)s::bigint[], %(kinds)s::text[], %(last)s::timestamptz[], %(next)s::timestamptz[],
    %(at_once)s::boolean[]) AS p (member_id, kind, latest, following, at_once)
WHERE n.organisation_id = %(organisation)s AND n.sent_at IS NULL AND n.given_up_at IS NULL AND n.due_at <= %(now)s AND n.tries = 0
  AND (n.leased_until IS NULL OR n.leased_until <= %(now)s)
  AND e.organisation_id = n.organisation_id AND e.id = n.event_id
  AND p.member_id = n.member_id AND p.kind = e.kind AND n.created_at > p.latest AND NOT (e.critical AND p.at_once)
