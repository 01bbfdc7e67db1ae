-- More time that was asked for lately, or answered, as far as nobody was told.
SELECT x.key, x.id, x.status, x.month, x.until, x.reason, x.answer, x.decided_by_name, x.asked_at = x.decided_at AS unasked, c.id AS contract_id, c.timezone, c.reference, c.vendor_id,
    v.name AS vendor
FROM (
    SELECT concat_ws(':', 'extension', e.id, e.status) AS key, e.*
    FROM contracts_extension AS e
    WHERE e.organisation_id = %(organisation)s AND coalesce(e.decided_at, e.asked_at) >= %(since)s
        AND e.asked_at >= %(since)s - interval '90 days'
) AS x
JOIN contracts_contract AS c ON c.organisation_id = %(organisation)s AND c.id = x.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = x.key)
ORDER BY x.key LIMIT %(limit)s
