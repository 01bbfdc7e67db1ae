-- After alignment.sql: of each contract how many service levels and KRAs it has, which of these serve nothing or are served by nothing, and
-- the share of the weight that nothing covers.
SELECT c.id, coalesce(s.levels, 0), coalesce(k.kras, 0), coalesce(k.unserved, 0), coalesce(s.idle, 0), coalesce(k.uncovered, 0)
FROM c
LEFT JOIN (
    SELECT contract_id, count(DISTINCT service_level_id) AS levels, count(*) FILTER (WHERE kra_id IS NULL) AS idle
    FROM serving GROUP BY contract_id
) AS s ON s.contract_id = c.id
LEFT JOIN (
    SELECT contract_id, count(*) AS kras, count(*) FILTER (WHERE NOT served) AS unserved,
        100 * coalesce(sum(weight) FILTER (WHERE NOT served), 0) / nullif(sum(weight), 0) AS uncovered
    FROM kra GROUP BY contract_id
) AS k ON k.contract_id = c.id
