-- Of contracts: each service level that is not over, with the terms in force today (else the last ones), its last 36 judged values in order
-- (null where a period has none), and the cases that it usually has in a period: the median of its last 12.
-- Parameters: contracts, now.

WITH c AS MATERIALIZED (
    SELECT id, least(greatest(starts_on, (%(now)s AT TIME ZONE timezone)::date), ends_on) AS on_day
    FROM contracts_contract WHERE id = ANY (%(contracts)s)
)
SELECT s.contract_id, s.code, s.name, s.measure, t.terms, r.values, r.volume
FROM c
JOIN slas_servicelevel AS s ON s.contract_id = c.id AND coalesce(s.ends_on >= c.on_day, true)
CROSS JOIN LATERAL (
    SELECT v."full" AS terms FROM slas_terms AS v WHERE v.service_level_id = s.id ORDER BY v.valid @> c.on_day DESC, v.version DESC LIMIT 1
) AS t
CROSS JOIN LATERAL (
    SELECT array_agg(x.value ORDER BY x.starts_on) AS values,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY x.denominator) FILTER (WHERE x.place <= 12 AND x.denominator > 0) AS volume
    FROM (
        SELECT e.value, e.denominator, e.starts_on, row_number() OVER (ORDER BY e.starts_on DESC) AS place
        FROM evaluation_result AS e
        WHERE e.service_level_id = s.id AND e.outcome <> 'pending'
        ORDER BY e.starts_on DESC LIMIT 36
    ) AS x
) AS r
ORDER BY s.contract_id, s.position
