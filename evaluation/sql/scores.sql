-- The scorecard: what each service level counts in its KRAs, KRA scores, total, coverage, grade. CTEs only. Reads `scored_month` and
-- `windowed_result`; gives `score` for those months.
-- The score of one slot comes from its band: step 11 of results.sql.
-- No data is never 100 %%: coverage says how much of the weight was measured, and a month's slots that are pending are not due.

scorecard_version AS MATERIALIZED (
    SELECT c.id AS contract_id, e.clauses, date_trunc('month', (e.clauses ->> 'from')::date)::date AS begins,
        coalesce(lead((e.clauses ->> 'from')::date) OVER (PARTITION BY c.id ORDER BY e.n), 'infinity') AS ends
    FROM contracts_contract AS c
    CROSS JOIN LATERAL jsonb_array_elements(c.scorecard) WITH ORDINALITY AS e (clauses, n)
    WHERE c.id = ANY (%(contracts)s::bigint[])
),

-- A month is scored as things are in force on its last day, `on_day`; `last_day` is that of the month within the contract.
card AS MATERIALIZED (
    SELECT m.contract_id, m.vendor_id, m.month, m.provisional, d.on_day, least(d.on_day, c.ends_on) AS last_day,
        CASE v.clauses ->> 'missing' WHEN 'zero' THEN 0 WHEN 'full' THEN 100 END::numeric AS stand_in,
        coalesce((v.clauses ->> 'minimum_coverage')::numeric, 0) AS minimum, v.clauses -> 'grades' AS grades
    FROM scored_month AS m
    JOIN contracts_contract AS c ON c.id = m.contract_id AND c.id = ANY (%(contracts)s::bigint[])
    LEFT JOIN scorecard_version AS v ON v.contract_id = m.contract_id AND m.month >= v.begins AND m.month < v.ends
    CROSS JOIN LATERAL (SELECT (m.month + interval '1 month' - interval '1 day')::date AS on_day) AS d
),

-- What serves what, with the days on which it does: the rows of a service level with the latest day that has begun are in force.
aligned AS MATERIALIZED (
    SELECT s.contract_id, s.code, s.position, s.ends_on, l.service_level_id, l.kra_id, l.weight, l.from_on
    FROM slas_servicelevel AS s
    JOIN slas_alignment AS l ON l.service_level_id = s.id AND l.service_level_id = ANY (
        ARRAY(SELECT x.id FROM slas_servicelevel AS x WHERE x.contract_id = ANY (%(contracts)s::bigint[])))
    WHERE s.contract_id = ANY (%(contracts)s::bigint[])
),

serving AS MATERIALIZED (
    SELECT l.*, coalesce(n.until, 'infinity') AS until
    FROM aligned AS l
    LEFT JOIN (
        SELECT d.service_level_id, d.from_on, lead(d.from_on) OVER (PARTITION BY d.service_level_id ORDER BY d.from_on) AS until
        FROM (SELECT DISTINCT x.service_level_id, x.from_on FROM aligned AS x) AS d
    ) AS n ON n.service_level_id = l.service_level_id AND n.from_on = l.from_on
),

weighed AS MATERIALIZED (
    SELECT k.contract_id, k.id AS kra_id, k.code, k.name, k.position, k.ends_on, coalesce(w.weight, 0) AS weight,
        coalesce(w.from_on, '-infinity') AS from_on, coalesce(w.until, 'infinity') AS until
    FROM kras_kra AS k
    LEFT JOIN (
        SELECT x.kra_id, x.weight, x.from_on, lead(x.from_on) OVER (PARTITION BY x.kra_id ORDER BY x.from_on) AS until
        FROM kras_kraweight AS x
        WHERE x.kra_id = ANY (ARRAY(SELECT y.id FROM kras_kra AS y WHERE y.contract_id = ANY (%(contracts)s::bigint[])))
    ) AS w ON w.kra_id = k.id
    WHERE k.contract_id = ANY (%(contracts)s::bigint[])
),

-- What each slot counts. What was not measured counts as the contract says.
scored_slot AS NOT MATERIALIZED (
    SELECT r.service_level_id, r.month, r.measured, coalesce(r.score, CASE WHEN r.outcome = 'not_measured' THEN d.stand_in END) AS score
    FROM windowed_result AS r
    JOIN card AS d ON d.contract_id = r.contract_id AND d.month = r.month
    WHERE r.outcome <> 'pending'
),

-- Which service levels may have several slots in a month. In calendar months, quarters and years one at most ends, and most have such.
several AS MATERIALIZED (
    SELECT s.id FROM slas_servicelevel AS s
    WHERE s.contract_id = ANY (%(contracts)s::bigint[]) AND s.cycle NOT IN ('month', 'quarter', 'year')
),

-- A service level with several slots in the month counts with the mean of its scores.
level_score AS (
    SELECT r.service_level_id, r.month, r.score, r.measured::int::numeric AS measured
    FROM scored_slot AS r
    WHERE r.service_level_id NOT IN (SELECT s.id FROM several AS s)
    UNION ALL
    SELECT r.service_level_id, r.month,
        CASE count(*) WHEN 1 THEN min(r.score) ELSE round(sum(r.score), 60) / nullif(count(r.score), 0) END AS score,
        CASE count(*) WHEN 1 THEN bool_or(r.measured)::int ELSE round(count(*) FILTER (WHERE r.measured), 60) / count(*) END AS measured
    FROM scored_slot AS r
    WHERE r.service_level_id IN (SELECT s.id FROM several AS s)
    GROUP BY r.service_level_id, r.month
),

-- What serves a KRA in the month, due or not: a service level that has ended does until the month in which its last period ends.
contribution AS MATERIALIZED (
    SELECT d.contract_id, d.month, v.kra_id, v.service_level_id, v.code, v.position, v.weight, l.score, l.measured
    FROM card AS d
    JOIN serving AS v ON v.contract_id = d.contract_id AND d.on_day >= v.from_on AND d.on_day < v.until
        AND (v.ends_on IS NULL OR v.ends_on >= d.month)
    LEFT JOIN level_score AS l ON l.service_level_id = v.service_level_id AND l.month = d.month
),

kra_sums AS (
    SELECT p.contract_id, p.month, p.kra_id,
        sum(p.weight) FILTER (WHERE p.score IS NOT NULL) AS scored,
        round(sum(p.weight * p.score), 60) / nullif(sum(p.weight) FILTER (WHERE p.score IS NOT NULL), 0) AS score,
        round(100 * sum(p.weight * p.measured), 60) / nullif(sum(p.weight) FILTER (WHERE p.measured IS NOT NULL), 0) AS coverage,
        count(p.measured) > 0 AS due
    FROM contribution AS p
    GROUP BY p.contract_id, p.month, p.kra_id
),

-- A KRA is due unless it has ended, or is served by levels none of which is due; one that nothing serves is due and uncovered.
kra_score AS MATERIALIZED (
    SELECT d.contract_id, d.month, k.kra_id, k.code, k.name, k.position, e.ended, CASE WHEN e.ended THEN 0 ELSE coalesce(w.weight, 0) END AS weight,
        s.score, coalesce(s.coverage, 0) AS coverage, NOT e.ended AND coalesce(s.due, true) AS due, s.scored
    FROM card AS d
    JOIN (SELECT DISTINCT contract_id, kra_id, code, name, position, ends_on FROM weighed) AS k ON k.contract_id = d.contract_id
    CROSS JOIN LATERAL (SELECT coalesce(k.ends_on < d.last_day, false) AS ended) AS e
    LEFT JOIN weighed AS w ON w.kra_id = k.kra_id AND d.on_day >= w.from_on AND d.on_day < w.until
    LEFT JOIN kra_sums AS s ON s.contract_id = d.contract_id AND s.month = d.month AND s.kra_id = k.kra_id AND NOT e.ended
),

total AS MATERIALIZED (
    SELECT k.contract_id, k.month, sum(k.weight) FILTER (WHERE k.due) AS due,
        round(round(sum(k.weight * k.score), 60) / nullif(sum(k.weight) FILTER (WHERE k.score IS NOT NULL), 0), 42) AS score,
        round(coalesce(
            round(sum(k.weight * k.coverage) FILTER (WHERE k.due), 60) / nullif(sum(k.weight) FILTER (WHERE k.due), 0), 0), 42) AS coverage
    FROM kra_score AS k
    GROUP BY k.contract_id, k.month
),

-- Grades look at the unrounded score; below the minimum coverage there is no total. What is kept to be shown has 12 decimals.
score AS MATERIALIZED (
    SELECT d.contract_id, d.vendor_id, d.month, round(n.score, 12) AS score, round(coalesce(t.coverage, 0), 12) AS coverage,
        (SELECT g.grade ->> 'name' FROM jsonb_array_elements(d.grades) WITH ORDINALITY AS g (grade, n)
            WHERE n.score IS NOT NULL AND coalesce(n.score >= (g.grade ->> 'at')::numeric, true) ORDER BY g.n LIMIT 1) AS grade,
        d.provisional
    FROM card AS d
    LEFT JOIN total AS t ON t.contract_id = d.contract_id AND t.month = d.month
    CROSS JOIN LATERAL (SELECT CASE WHEN t.coverage >= d.minimum THEN t.score END AS score) AS n
)
