-- Claims of credits: those that wait for a second person, and those that were approved or declined lately, as far as nobody was notified.
SELECT k.key, k.status, k.id, k.contract_id, k.reference, k.claim, k.vendor_id, k.vendor, k.month, k.amount, k.currency, k.minor_unit, k.claimed_by_id,
    k.claimed_by_name, k.decided_by_name, k.decline_reason
FROM (
    SELECT concat_ws(':', 'claim', w.id, nullif(CASE WHEN w.status IN ('claimed', 'declined') THEN w.status ELSE 'approved' END, 'claimed')) AS key,
        CASE WHEN w.status IN ('claimed', 'declined') THEN w.status ELSE 'approved' END AS status, w.id, c.id AS contract_id, c.reference,
        w.reference AS claim, v.id AS vendor_id, v.name AS vendor, w.month, w.amount, c.currency, c.minor_unit, w.claimed_by_id, w.claimed_by_name,
        w.decided_by_name, w.decline_reason
    FROM credits_creditclaim AS w
    JOIN contracts_contract AS c ON c.organisation_id = w.organisation_id AND c.id = w.contract_id
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    WHERE w.organisation_id = %(organisation)s
      AND w.id = ANY (ARRAY(
        SELECT p.id FROM credits_creditclaim AS p
        WHERE p.organisation_id = %(organisation)s AND p.status = 'claimed' AND p.claimed_at >= %(since)s
        UNION ALL
        SELECT p.id FROM credits_creditclaim AS p
        WHERE p.organisation_id = %(organisation)s AND p.status NOT IN ('claimed', 'withdrawn') AND p.decided_at >= %(since)s))
) AS k
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = k.key)
ORDER BY k.key LIMIT %(limit)s
