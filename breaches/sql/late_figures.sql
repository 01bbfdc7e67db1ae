-- Figures that were due lately and did not come: one row a contract, month and due day that nobody was notified of. Of contracts that were
-- judged since, which is when a slot becomes late, and of those where a submission was withdrawn lately.
-- A submission that waits for a decision is not late: it is the client's turn. Nor is one that was returned: it was reported.
SELECT l.key, l.contract_id, l.timezone, l.reference, l.vendor_id, l.vendor, l.month, l.due_on, l.missing, l.expected, l.lived
FROM (
    SELECT concat_ws(':', 'late', c.id, to_char(r.month, 'YYYY-MM'), p.due_on) AS key, c.id AS contract_id, c.timezone, c.reference, c.vendor_id,
        v.name AS vendor, r.month, p.due_on,
        r.month >= date_trunc('month', c.created_at AT TIME ZONE c.timezone) AS lived,
        count(*) FILTER (WHERE r.outcome = 'not_measured') AS missing, count(*) AS expected
    FROM contracts_contract AS c
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    -- Due days first, and within a plain range: few periods are left, and the index on contract and month gives their results.
    JOIN contracts_period AS p ON p.organisation_id = c.organisation_id AND p.contract_id = c.id
        AND p.due_on BETWEEN %(since)s::date - 1 AND %(now)s::date + 1
        AND p.due_on >= (%(since)s AT TIME ZONE c.timezone)::date
        -- What was due before the contract was kept here, nobody could report here.
        AND p.due_on >= (c.created_at AT TIME ZONE c.timezone)::date
    JOIN evaluation_result AS r ON r.organisation_id = p.organisation_id AND r.contract_id = p.contract_id AND r.month = p.month
        AND r.period_id = p.id
    WHERE c.organisation_id = %(organisation)s AND c.id = ANY (%(contracts)s::bigint[] || ARRAY(
        SELECT s.contract_id
        FROM measurements_step AS t
        JOIN measurements_submission AS s ON s.organisation_id = t.organisation_id AND s.id = t.submission_id
        WHERE t.organisation_id = %(organisation)s AND t.kind = 'withdrawn' AND t.at >= %(since)s))
    GROUP BY c.id, v.name, r.month, p.due_on
) AS l
WHERE l.missing > 0
  AND NOT EXISTS (
    SELECT FROM measurements_submission AS s
    WHERE s.organisation_id = %(organisation)s AND s.contract_id = l.contract_id AND s.month = l.month AND s.status IN ('submitted', 'returned')
  )
  AND NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = l.key)
ORDER BY l.key LIMIT %(limit)s
