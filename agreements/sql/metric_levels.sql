-- Of service levels: the terms in force today (else the last ones), the last judged value with its month and outcome, and how many of the last
-- 12 judged periods were met. Parameters: levels, now.

SELECT s.id, t.terms, l.value, l.month, l.outcome, y.judged, y.met
FROM slas_servicelevel AS s
JOIN contracts_contract AS c ON c.id = s.contract_id
CROSS JOIN LATERAL (
    SELECT v."full" AS terms FROM slas_terms AS v WHERE v.service_level_id = s.id
    ORDER BY v.valid @> least(greatest(c.starts_on, (%(now)s AT TIME ZONE c.timezone)::date), c.ends_on) DESC, v.version DESC LIMIT 1
) AS t
LEFT JOIN LATERAL (
    SELECT e.value, e.month, e.outcome FROM evaluation_result AS e
    WHERE e.service_level_id = s.id AND e.value IS NOT NULL ORDER BY e.starts_on DESC LIMIT 1
) AS l ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS judged, count(*) FILTER (WHERE r.outcome = 'met') AS met
    FROM (
        SELECT e.outcome FROM evaluation_result AS e
        WHERE e.service_level_id = s.id AND e.outcome IN ('met', 'miss', 'default') ORDER BY e.starts_on DESC LIMIT 12
    ) AS r
) AS y
WHERE s.id = ANY (%(levels)s)
