-- Proposals to waive a credit that wait for a second person, and those that were decided on lately, as far as nobody was notified.
-- Who withdraws a proposal knows it.
SELECT w.key, w.status, w.contract_id, w.reference, w.vendor, w.month, w.amount, w.currency, w.minor_unit, w.proposed_by_id, w.proposer,
    w.decider, w.decline_reason
FROM (
    SELECT concat_ws(':', 'waiver', w.id, nullif(w.status, 'proposed')) AS key, w.status, c.id AS contract_id, c.reference,
        v.name AS vendor, w.month, w.amount, c.currency, c.minor_unit, w.proposed_by_id, m.name AS proposer, d.name AS decider,
        w.decline_reason
    FROM breaches_waiverproposal AS w
    JOIN contracts_contract AS c ON c.organisation_id = w.organisation_id AND c.id = w.contract_id
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    JOIN organisations_membership AS m ON m.organisation_id = w.organisation_id AND m.id = w.proposed_by_id
    LEFT JOIN organisations_membership AS d ON d.organisation_id = w.organisation_id AND d.id = w.decided_by_id
    WHERE w.organisation_id = %(organisation)s
      AND w.id = ANY (ARRAY(
        SELECT p.id FROM breaches_waiverproposal AS p
        WHERE p.organisation_id = %(organisation)s AND p.status = 'proposed' AND p.proposed_at >= %(since)s
        UNION ALL
        SELECT p.id FROM breaches_waiverproposal AS p
        WHERE p.organisation_id = %(organisation)s AND p.status IN ('approved', 'declined') AND p.decided_at >= %(since)s))
) AS w
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = w.key)
ORDER BY w.key LIMIT %(limit)s
