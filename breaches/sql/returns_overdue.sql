-- Figures that were returned and did not come again by the day that the return set, in the contract's time zone, as far as nobody was told.
SELECT r.key, r.id, r.contract_id, r.timezone, r.reference, r.vendor_id, r.vendor, r.month, r.due_again_on
FROM (
    SELECT concat_ws(':', 'returned', s.id, 'overdue', s.due_again_on) AS key, s.id, s.contract_id, c.timezone, c.reference, c.vendor_id, v.name AS vendor,
        s.month, s.due_again_on
    FROM measurements_submission AS s
    JOIN contracts_contract AS c ON c.organisation_id = s.organisation_id AND c.id = s.contract_id
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    WHERE s.organisation_id = %(organisation)s AND s.status = 'returned'
      AND s.due_again_on < (%(now)s AT TIME ZONE c.timezone)::date AND s.due_again_on >= (%(since)s AT TIME ZONE c.timezone)::date
) AS r
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = r.key)
ORDER BY r.key LIMIT %(limit)s
