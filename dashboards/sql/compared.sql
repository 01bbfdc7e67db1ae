-- The service levels that measure a metric of the catalogue and have a result in the month, each with that of its last period that ends in
-- it, and the values of the months before: `history`. Parameters: organisation, contracts (or null for all), metric, month, months.
SELECT DISTINCT ON (l.id) l.id, l.contract_id, c.reference, v.name, v.code, l.code, l.name, l.measure ->> 'unit', r.id, r.outcome, r.value,
    r.numerator, r.denominator, (t."full" -> 'bands')::text, t."full" ->> 'better', l.measure ->> 'kind', ARRAY(
        SELECT (
            SELECT h.value FROM evaluation_result AS h
            WHERE h.organisation_id = l.organisation_id AND h.contract_id = l.contract_id AND h.month = m.month AND h.service_level_id = l.id
            ORDER BY h.starts_on DESC LIMIT 1
        )
        FROM unnest(%(months)s::date[]) WITH ORDINALITY AS m (month, nth) ORDER BY m.nth
    ) AS history
FROM slas_servicelevel AS l
JOIN contracts_contract AS c ON c.organisation_id = l.organisation_id AND c.id = l.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = l.organisation_id AND v.id = l.vendor_id
JOIN evaluation_result AS r ON r.organisation_id = l.organisation_id AND r.contract_id = l.contract_id AND r.month = %(month)s
    AND r.service_level_id = l.id
JOIN slas_terms AS t ON t.organisation_id = r.organisation_id AND t.id = r.terms_id
WHERE l.organisation_id = %(organisation)s AND l.metric = %(metric)s
    AND (%(contracts)s::bigint[] IS NULL OR c.id = ANY (%(contracts)s))
ORDER BY l.id, r.starts_on DESC
