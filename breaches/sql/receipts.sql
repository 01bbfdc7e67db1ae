-- Figures that somebody submitted lately, as far as nobody has the receipt: one for each time.
SELECT x.key, x.submission_id, x.by_id, x.by_name, x.at, x.checksum, s.month, s.contract_id, c.reference, c.vendor_id, v.name AS vendor, c.timezone,
    c.calendar::text AS calendar, s.status, s.submitted_at, coalesce(c.accept_after, o.accept_after) AS accept_after,
    (SELECT max(p.ends_on) FROM contracts_period AS p WHERE p.organisation_id = s.organisation_id AND p.contract_id = s.contract_id
        AND p.month = s.month) AS ends_on
FROM (
    SELECT concat_ws(':', 'receipt', t.id) AS key, t.*
    FROM measurements_step AS t
    WHERE t.organisation_id = %(organisation)s AND t.kind = 'submitted' AND t.at >= %(since)s AND t.by_id IS NOT NULL
) AS x
JOIN measurements_submission AS s ON s.organisation_id = x.organisation_id AND s.id = x.submission_id
JOIN contracts_contract AS c ON c.organisation_id = s.organisation_id AND c.id = s.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
LEFT JOIN organisations_organisationsettings AS o ON o.organisation_id = c.organisation_id
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = x.key)
ORDER BY x.key LIMIT %(limit)s
