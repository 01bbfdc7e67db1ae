-- What was said or happened lately in the threads of breaches, as far as nobody was told. A plan for several breaches writes the same
-- line in each thread: the first of them is announced.
SELECT t.key, t.kind, t.text, t.by_name, t.by_id, t.from_vendor, t.breach_id, c.id AS contract_id, c.reference, c.vendor_id,
    v.name AS vendor, l.name AS service_level, ARRAY(
        SELECT DISTINCT w.member_id FROM breaches_watcher AS w
        JOIN breaches_breach AS o ON o.organisation_id = w.organisation_id AND o.id = w.breach_id
        WHERE w.organisation_id = %(organisation)s AND (o.id = t.breach_id OR o.plan_id = t.plan_id) ORDER BY w.member_id
    ) AS watchers
FROM (
    SELECT concat_ws(':', 'thread', e.id) AS key, e.kind, e.text, e.by_name, e.by_id, e.from_vendor, e.breach_id, b.contract_id,
        b.service_level_id, b.plan_id,
        row_number() OVER (PARTITION BY coalesce(-b.plan_id, b.id), e.kind, e.at, e.text ORDER BY e.id) AS nth
    FROM breaches_threadentry AS e
    JOIN breaches_breach AS b ON b.organisation_id = e.organisation_id AND b.id = e.breach_id
    WHERE e.organisation_id = %(organisation)s AND e.at >= %(since)s AND e.kind NOT IN ('done', 'undone')
) AS t
JOIN contracts_contract AS c ON c.organisation_id = %(organisation)s AND c.id = t.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
JOIN slas_servicelevel AS l ON l.organisation_id = c.organisation_id AND l.id = t.service_level_id
WHERE t.nth = 1
  AND NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = t.key)
ORDER BY t.key LIMIT %(limit)s
