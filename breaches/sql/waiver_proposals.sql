-- Proposals to waive a credit that wait for a second person and that nobody was told of.
SELECT w.key, w.id, w.contract_id, w.reference, w.vendor, w.month, w.amount, w.currency, w.minor_unit, w.proposed_by_id, w.proposer
FROM (
    SELECT concat_ws(':', 'waiver', w.id) AS key, w.id, c.id AS contract_id, c.reference, v.name AS vendor, w.month, w.amount, c.currency,
        c.minor_unit, w.proposed_by_id, m.name AS proposer
    FROM breaches_waiverproposal AS w
    JOIN contracts_contract AS c ON c.organisation_id = w.organisation_id AND c.id = w.contract_id
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    JOIN organisations_membership AS m ON m.organisation_id = w.organisation_id AND m.id = w.proposed_by_id
    WHERE w.organisation_id = %(organisation)s AND w.status = 'proposed' AND w.proposed_at >= %(since)s
) AS w
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = w.key)
ORDER BY w.key LIMIT %(limit)s
