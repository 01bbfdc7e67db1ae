-- The scorecard: KRA scores, total, coverage, grade. CTEs only. Reads `account`, `month` and `claimed_result`; gives `score` for the
-- months reckoned anew.
-- No data is never 100 %%: coverage says how much of the weight was measured, and a month's slots that are pending are not due.

card AS MATERIALIZED (
    SELECT a.contract_id, a.vendor_id, m.month, (m.month + interval '1 month' - interval '1 day')::date AS on_day,
        coalesce(c.scorecard ->> 'missing', 'exclude') AS missing, coalesce((c.scorecard ->> 'minimum_coverage')::numeric, 0) AS minimum,
        c.scorecard -> 'grades' AS grades
    FROM account AS a
    JOIN contracts_contract AS c ON c.id = a.contract_id AND c.id = ANY (%(contracts)s::bigint[])
    JOIN month AS m ON m.contract_id = a.contract_id AND m.month BETWEEN a.from_month AND a.until
),

-- What serves what, with the days on which it does: the rows of a service level with the latest day that has begun are in force.
aligned AS MATERIALIZED (
    SELECT l.service_level_id, l.kra_id, l.weight, l.from_on
    FROM slas_alignment AS l
    WHERE l.service_level_id = ANY (
        ARRAY(SELECT s.id FROM slas_servicelevel AS s WHERE s.contract_id = ANY (%(contracts)s::bigint[])))
),

serving AS MATERIALIZED (
    SELECT l.service_level_id, l.kra_id, l.weight, l.from_on, coalesce(n.until, 'infinity') AS until
    FROM aligned AS l
    LEFT JOIN (
        SELECT d.service_level_id, d.from_on, lead(d.from_on) OVER (PARTITION BY d.service_level_id ORDER BY d.from_on) AS until
        FROM (SELECT DISTINCT x.service_level_id, x.from_on FROM aligned AS x) AS d
    ) AS n ON n.service_level_id = l.service_level_id AND n.from_on = l.from_on
),

-- A service level with several slots in the month counts with the mean of its scores.
level_score AS (
    SELECT d.contract_id, d.month, d.on_day, r.service_level_id,
        round(sum(x.score), 60) / nullif(count(x.score), 0) AS score,
        round(count(*) FILTER (WHERE r.measured), 60) / count(*) AS measured
    FROM card AS d
    JOIN claimed_result AS r ON r.contract_id = d.contract_id AND r.month = d.month AND r.outcome <> 'pending'
    CROSS JOIN LATERAL (
        SELECT coalesce(r.score, CASE WHEN r.outcome = 'not_measured' THEN CASE d.missing WHEN 'zero' THEN 0 WHEN 'full' THEN 100 END END)
            AS score
    ) AS x
    GROUP BY d.contract_id, d.month, d.on_day, r.service_level_id
),

kra_sums AS (
    SELECT l.contract_id, l.month, v.kra_id,
        round(sum(v.weight * l.score), 60) / nullif(sum(v.weight) FILTER (WHERE l.score IS NOT NULL), 0) AS score,
        round(100 * sum(v.weight * l.measured), 60) / sum(v.weight) AS coverage
    FROM level_score AS l
    JOIN serving AS v ON v.service_level_id = l.service_level_id AND l.on_day >= v.from_on AND l.on_day < v.until
    GROUP BY l.contract_id, l.month, v.kra_id
),

-- A KRA is due unless it is served by levels none of which is due; one that nothing serves is due and uncovered.
kra_score AS MATERIALIZED (
    SELECT d.contract_id, d.month, k.code, k.name, k.position, coalesce(w.weight, 0) AS weight, s.score, coalesce(s.coverage, 0) AS coverage,
        s.kra_id IS NOT NULL OR NOT EXISTS (
            SELECT FROM serving AS v WHERE v.kra_id = k.id AND d.on_day >= v.from_on AND d.on_day < v.until) AS due
    FROM card AS d
    JOIN kras_kra AS k ON k.contract_id = d.contract_id AND k.contract_id = ANY (%(contracts)s::bigint[])
    LEFT JOIN LATERAL (
        SELECT x.weight FROM kras_kraweight AS x WHERE x.kra_id = k.id AND x.from_on <= d.on_day ORDER BY x.from_on DESC LIMIT 1
    ) AS w ON true
    LEFT JOIN kra_sums AS s ON s.contract_id = d.contract_id AND s.month = d.month AND s.kra_id = k.id
),

total AS MATERIALIZED (
    SELECT k.contract_id, k.month,
        round(round(sum(k.weight * k.score), 60) / nullif(sum(k.weight) FILTER (WHERE k.score IS NOT NULL), 0), 42) AS score,
        round(coalesce(
            round(sum(k.weight * k.coverage) FILTER (WHERE k.due), 60) / nullif(sum(k.weight) FILTER (WHERE k.due), 0), 0), 42) AS coverage,
        jsonb_agg(json_object('kra': k.code, 'name': k.name, 'weight': k.weight, 'due': k.due,
            'score': round(k.score, 12), 'coverage': round(k.coverage, 12) RETURNING jsonb) ORDER BY k.position) AS kras
    FROM kra_score AS k
    GROUP BY k.contract_id, k.month
),

-- Grades look at the unrounded score; below the minimum coverage there is no total. What is kept to be shown has 12 decimals.
score AS MATERIALIZED (
    SELECT d.contract_id, d.vendor_id, d.month, round(n.score, 12) AS score, round(coalesce(t.coverage, 0), 12) AS coverage,
        (SELECT g.grade ->> 'name' FROM jsonb_array_elements(d.grades) WITH ORDINALITY AS g (grade, n)
            WHERE n.score IS NOT NULL AND coalesce(n.score >= (g.grade ->> 'at')::numeric, true) ORDER BY g.n LIMIT 1) AS grade,
        p.month IS NOT NULL AS provisional, coalesce(t.kras, '[]') AS kras
    FROM card AS d
    LEFT JOIN total AS t ON t.contract_id = d.contract_id AND t.month = d.month
    LEFT JOIN open_month AS p ON p.contract_id = d.contract_id AND p.month = d.month
    CROSS JOIN LATERAL (SELECT CASE WHEN t.coverage >= d.minimum THEN t.score END AS score) AS n
)
