-- What was said or happened lately about relief requests and disputes, as far as nobody was told.
SELECT t.key, t.kind, t.text, t.by_name, t.by_id, t.from_vendor, t.about, t.about_id, t.answer_by, t.month, c.id AS contract_id, c.timezone, c.reference,
    c.vendor_id, v.name AS vendor, l.name AS service_level
FROM (
    SELECT concat_ws(':', 'hearing', e.id) AS key, e.kind, e.text, e.by_name, e.by_id, e.from_vendor,
        CASE WHEN e.dispute_id IS NULL THEN 'relief' ELSE 'disputes' END AS about, coalesce(d.id, r.id) AS about_id,
        coalesce(d.answer_by, r.answer_by) AS answer_by, coalesce(d.month, r.month) AS month,
        coalesce(d.service_level_id, r.service_level_id) AS service_level_id, e.contract_id
    FROM disputes_hearingentry AS e
    LEFT JOIN disputes_dispute AS d ON d.organisation_id = e.organisation_id AND d.id = e.dispute_id
    LEFT JOIN disputes_reliefrequest AS r ON r.organisation_id = e.organisation_id AND r.id = e.relief_request_id
    WHERE e.organisation_id = %(organisation)s AND e.at >= %(since)s
) AS t
JOIN contracts_contract AS c ON c.organisation_id = %(organisation)s AND c.id = t.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
JOIN slas_servicelevel AS l ON l.organisation_id = c.organisation_id AND l.id = t.service_level_id
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = t.key)
ORDER BY t.key LIMIT %(limit)s
