-- Submissions that wait for a decision, and those that were decided on lately, as far as nobody was notified. A submission that comes again
-- after a return is news again: the key has the moment in it. What a person did is news, however old its month; figures taken over
-- with a contract's history have nobody who submitted or accepted them.
SELECT s.key, s.id, s.status, s.contract_id, s.reference, s.vendor_id, s.vendor, s.month, s.revision, s.who, s.reason, s.submitted_by_id, s.due_again_on,
    s.accept_after, s.calendar, s.timezone, s.submitted_at, s.ends_on
FROM (
    SELECT concat_ws(':', 'submission', s.id, s.status, extract(epoch FROM CASE s.status WHEN 'submitted' THEN s.submitted_at ELSE s.decided_at END))
            AS key,
        s.id, s.status, c.id AS contract_id, c.reference, c.vendor_id, v.name AS vendor, s.month, s.revision, s.submitted_by_id, s.due_again_on,
        coalesce(c.accept_after, (SELECT o.accept_after FROM organisations_organisationsettings AS o
            WHERE o.organisation_id = s.organisation_id)) AS accept_after, c.calendar::text AS calendar, c.timezone, s.submitted_at,
        (SELECT max(p.ends_on) FROM contracts_period AS p WHERE p.organisation_id = s.organisation_id AND p.contract_id = s.contract_id
            AND p.month = s.month) AS ends_on,
        CASE s.status WHEN 'submitted' THEN s.submitted_by_name ELSE s.decided_by_name END AS who,
        CASE s.status WHEN 'returned' THEN s.return_reason ELSE s.reason END AS reason
    FROM measurements_submission AS s
    JOIN contracts_contract AS c ON c.organisation_id = s.organisation_id AND c.id = s.contract_id
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    WHERE s.organisation_id = %(organisation)s
      AND (s.month >= date_trunc('month', c.created_at AT TIME ZONE c.timezone) - make_interval(months => %(news_months)s)
        OR CASE s.status WHEN 'submitted' THEN s.submitted_by_id ELSE s.decided_by_id END IS NOT NULL)
      AND s.id = ANY (ARRAY(
        SELECT w.id FROM measurements_submission AS w
        WHERE w.organisation_id = %(organisation)s AND w.status = 'submitted' AND w.submitted_at >= %(since)s
        UNION ALL
        SELECT d.id FROM measurements_submission AS d
        WHERE d.organisation_id = %(organisation)s AND d.status IN ('returned', 'accepted') AND d.decided_at >= %(since)s))
) AS s
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = s.key)
ORDER BY s.key LIMIT %(limit)s
