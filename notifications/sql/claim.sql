-- Claims emails for the length of a lease. What is due for a person and was never tried is one email; what was tried stays as it was.
-- An email over which a worker ended comes last and alone. Whoever was written to lately waits: what happens meanwhile is collected.
WITH held AS (
    SELECT n.member_id
    FROM notifications_notification AS n
    WHERE n.organisation_id = %(organisation)s AND n.sent_at IS NULL AND n.given_up_at IS NULL AND n.leased_until > %(now)s
),

due AS (
    SELECT n.id, n.mail_id, n.due_at, n.attempt_started_at IS NOT NULL AS interrupted,
        CASE WHEN n.tries = 0 THEN 'member ' || n.member_id ELSE n.mail_id::text END AS email
    FROM notifications_notification AS n
    WHERE n.organisation_id = %(organisation)s AND n.sent_at IS NULL AND n.given_up_at IS NULL AND n.due_at <= %(now)s
      AND (n.leased_until IS NULL OR n.leased_until <= %(now)s)
      AND (n.tries > 0 OR n.member_id NOT IN (SELECT h.member_id FROM held AS h) AND NOT EXISTS (
        SELECT FROM notifications_notification AS s
        WHERE s.organisation_id = n.organisation_id AND s.member_id = n.member_id AND s.sent_at > %(collecting_since)s
      ))
),

email AS (
    SELECT d.email, bool_or(d.interrupted) AS interrupted, (array_agg(d.mail_id ORDER BY d.id))[1] AS mail_id,
        row_number() OVER (ORDER BY bool_or(d.interrupted), min(d.due_at), min(d.id)) AS place
    FROM due AS d
    GROUP BY d.email
)

UPDATE notifications_notification AS n SET leased_until = %(leased_until)s, mail_id = l.mail_id
FROM due AS d
JOIN email AS l ON l.email = d.email
WHERE n.organisation_id = %(organisation)s AND n.id = d.id AND l.place <= %(limit)s AND (l.place = 1 OR NOT l.interrupted)
  AND n.sent_at IS NULL AND n.given_up_at IS NULL AND (n.leased_until IS NULL OR n.leased_until <= %(now)s)
RETURNING n.mail_id, n.tries, n.member_id, n.id, n.event_id
