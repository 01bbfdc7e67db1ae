-- Excuses and waivers of breaches that wait for a second person, and those that were decided on lately, as far as nobody was notified.
-- Who takes a proposal back knows it.
SELECT x.key, x.status, x.ending, x.breach_id, c.id AS contract_id, c.reference, c.vendor_id, v.name AS vendor, l.name AS service_level, x.month,
    x.amount, c.currency, c.minor_unit, x.reason, x.proposed_by_id, x.proposed_by_name, x.decided_by_name, x.answer
FROM (
    SELECT concat_ws(':', 'excusal', e.id, nullif(e.status, 'proposed')) AS key, e.*, b.contract_id, b.service_level_id, b.month
    FROM breaches_excusal AS e
    JOIN breaches_breach AS b ON b.organisation_id = e.organisation_id AND b.id = e.breach_id
    WHERE e.organisation_id = %(organisation)s AND e.status IN ('proposed', 'agreed', 'declined')
        AND e.proposed_at >= %(since)s - interval '90 days' AND coalesce(e.decided_at, e.proposed_at) >= %(since)s
) AS x
JOIN contracts_contract AS c ON c.organisation_id = %(organisation)s AND c.id = x.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
JOIN slas_servicelevel AS l ON l.organisation_id = c.organisation_id AND l.id = x.service_level_id
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = x.key)
ORDER BY x.key LIMIT %(limit)s
