-- Of contracts, over their last 12 months in which nothing is open: how many they are, in how many a credit was due and in how many of these
-- a cap cut it, and in how many each rule held. Parameters: contracts.

SELECT c.id, m.judged, m.due, m.cut, coalesce(r.held, '{}')
FROM unnest(%(contracts)s::bigint[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT count(*) AS judged, count(*) FILTER (WHERE y.credit_before_caps > 0) AS due,
        count(*) FILTER (WHERE y.credit_before_caps > 0 AND y.capped) AS cut, min(y.month) AS first, max(y.month) AS last
    FROM (
        SELECT e.month, e.credit_before_caps, e.capped FROM evaluation_month AS e
        WHERE e.contract_id = c.id AND e.final ORDER BY e.month DESC LIMIT 12
    ) AS y
) AS m
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(h.rule, h.months) AS held
    FROM (
        SELECT e.rule, count(DISTINCT e.month) AS months FROM evaluation_triggeredrule AS e
        WHERE e.contract_id = c.id AND e.month BETWEEN m.first AND m.last GROUP BY e.rule
    ) AS h
) AS r
