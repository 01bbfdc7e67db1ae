-- Of contracts: which service levels serve which KRAs, and what weight these have, on the day that is looked at: today, or the first or last day of a contract that has not begun or is over.
-- What has ended by that day is not counted. Of a service level the alignments with the latest day that has begun are in force, and so is the latest weight of a KRA.
-- Parameters: contracts, now.

WITH c AS MATERIALIZED (
    SELECT id, least(greatest(starts_on, (%(now)s AT TIME ZONE timezone)::date), ends_on) AS on_day
    FROM contracts_contract WHERE id = ANY (%(contracts)s)
),
serving AS MATERIALIZED (
    SELECT s.contract_id, s.id AS service_level_id, l.kra_id
    FROM c
    JOIN slas_servicelevel AS s ON s.contract_id = c.id AND coalesce(s.ends_on >= c.on_day, true)
    LEFT JOIN LATERAL (
        SELECT a.kra_id, a.from_on, max(a.from_on) OVER () AS latest
        FROM slas_alignment AS a WHERE a.service_level_id = s.id AND a.from_on <= c.on_day
    ) AS l ON l.from_on = l.latest
),
kra AS MATERIALIZED (
    SELECT k.contract_id, k.code, k.name, w.weight, EXISTS (SELECT FROM serving AS v WHERE v.kra_id = k.id) AS served
    FROM c
    JOIN kras_kra AS k ON k.contract_id = c.id AND coalesce(k.ends_on >= c.on_day, true)
    LEFT JOIN LATERAL (
        SELECT x.weight FROM kras_kraweight AS x WHERE x.kra_id = k.id AND x.from_on <= c.on_day ORDER BY x.from_on DESC LIMIT 1
    ) AS w ON true
)
