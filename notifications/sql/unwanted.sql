-- Ends the letters that nobody wants: the inbox has what they are about.
UPDATE notifications_notification AS n SET given_up_at = %(now)s, leased_until = NULL, last_error = 'Not wanted as a letter.'
FROM notifications_event AS e, unnest(%(members)s::bigint[], %(kinds)s::text[]) AS p (member_id, kind)
WHERE n.organisation_id = %(organisation)s AND n.sent_at IS NULL AND n.given_up_at IS NULL AND n.due_at <= %(now)s AND n.tries = 0
  AND (n.leased_until IS NULL OR n.leased_until <= %(now)s)
  AND e.organisation_id = n.organisation_id AND e.id = n.event_id
  AND p.member_id = n.member_id AND p.kind = e.kind
