-- A contract's service levels in order, each with all versions of its terms: columns as models have them, what is written in a file left out.
-- Parameter: contract.

SELECT
    s.id, s.organisation_id, s.vendor_id, s.contract_id, s.code, s.name, s.cycle, s.measure::text, s.metric, s.ends_on, s.position,
    t.id, t.version, lower(t.valid), upper(t.valid), t.full::text
FROM slas_servicelevel AS s
JOIN slas_terms AS t ON t.service_level_id = s.id
WHERE s.contract_id = %(contract)s
ORDER BY s.position, t.version
