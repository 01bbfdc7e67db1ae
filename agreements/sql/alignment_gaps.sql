-- After alignment.sql: each KRA that no service level serves, with its share of the weight, and each service level that serves none.
SELECT contract_id, 'kra', code, name, share
FROM (
    SELECT contract_id, code, name, served, 100 * weight / nullif(sum(weight) OVER (PARTITION BY contract_id), 0) AS share FROM kra
) AS k
WHERE NOT served
UNION ALL
SELECT v.contract_id, 'level', s.code, s.name, NULL
FROM serving AS v
JOIN slas_servicelevel AS s ON s.id = v.service_level_id
WHERE v.kra_id IS NULL
ORDER BY 1, 2, 5 DESC NULLS LAST, 3
