-- Steps 1 and 2 of the judgement: slots, facts. CTEs only; evaluation/pipeline.py puts the statement together.
-- Tables are entered by arrays of keys, so that an index serves each of them and no plan depends on how many rows a step is guessed to have:
-- the statement runs with nested loops off.
--
-- Parameters: contracts, from_on, as_of (arrays of equal length: of each contract, slots whose period begins from `from_on` on and by `as_of`);
-- levels (the service levels that are judged); preview (a submission that stands for the accepted one of its month, or null).
-- After proposed_contracts.sql the tables of terms, periods and service levels are those of a proposal.

requested AS (
    SELECT a.contract_id, a.from_on, a.as_of
    FROM unnest(%(contracts)s::bigint[], %(from_on)s::date[], %(as_of)s::date[]) AS a (contract_id, from_on, as_of)
),

version AS (
    SELECT t.id AS terms_id, t.service_level_id, t.full AS clauses, lower(t.valid) AS terms_from,
        coalesce(upper(t.valid), 'infinity') AS terms_until
    FROM slas_terms AS t
    WHERE t.service_level_id = ANY (%(levels)s::bigint[])
),

-- Each version unpacked once. Thresholds stand best first in `low` and `high` (a pair has both, "higher" only low, "lower" only high),
-- and worst first in `low_rising` and `high_rising` (negated), as width_bucket() wants them.
unpacked AS MATERIALIZED (
    SELECT
        v.terms_id, v.service_level_id, v.terms_from, v.terms_until,
        c.better, c.scoring, c.missing, c.no_volume, c.minimum_volume, c.allowance AS low_volume_allowance, c.exempt_streak, c.relief, c.rolling,
        c.weight, c.credits_from,
        (c.rounding ->> 'places')::int AS places, c.rounding ->> 'mode' AS mode,
        (c.tolerated ->> 'count')::int AS tolerated, (c.tolerated ->> 'window')::int AS tolerated_window,
        coalesce((c.tolerated ->> 'counting_defaults')::boolean, false) AS counting_defaults,
        (SELECT array_agg(f.factor::numeric ORDER BY f.n) FROM jsonb_array_elements_text(c.repeat) WITH ORDINALITY AS f (factor, n))
            AS repeat,
        b.*
    FROM version AS v
    CROSS JOIN LATERAL jsonb_to_record(v.clauses) AS c (
        better text, scoring text, missing text, no_volume text, minimum_volume numeric, allowance boolean, exempt_streak text,
        relief text, rolling int, weight numeric, credits_from date, rounding jsonb, tolerated jsonb, repeat jsonb, bands jsonb
    )
    CROSS JOIN LATERAL (
        SELECT
            count(*)::int AS bands,
            array_agg(e.band ->> 'name' ORDER BY e.n) AS names,
            array_agg(e.band ->> 'outcome' ORDER BY e.n) AS outcomes,
            array_agg((e.band ->> 'points')::numeric ORDER BY e.n) AS points,
            array_agg((e.band ->> 'score')::numeric ORDER BY e.n) AS scores,
            array_agg(e.low ORDER BY e.n) FILTER (WHERE e.low IS NOT NULL) AS low,
            array_agg(e.high ORDER BY e.n) FILTER (WHERE e.high IS NOT NULL) AS high,
            array_agg(e.low ORDER BY e.n DESC) FILTER (WHERE e.low IS NOT NULL) AS low_rising,
            array_agg(-e.high ORDER BY e.n DESC) FILTER (WHERE e.high IS NOT NULL) AS high_rising,
            array_agg((e.band #>> '{per_step,from}')::numeric ORDER BY e.n) AS step_from,
            array_agg((e.band #>> '{per_step,step}')::numeric ORDER BY e.n) AS step_size,
            array_agg(e.band #>> '{per_step,round}' ORDER BY e.n) AS step_round
        FROM (
            SELECT j.n, j.band,
                CASE WHEN c.better = 'higher' THEN (j.band ->> 'at')::numeric ELSE (j.band ->> 'low')::numeric END AS low,
                CASE WHEN c.better = 'lower' THEN (j.band ->> 'at')::numeric ELSE (j.band ->> 'high')::numeric END AS high
            FROM jsonb_array_elements(c.bands) WITH ORDINALITY AS j (band, n)
        ) AS e
    ) AS b
),

-- With the measure, and what is asked of the contract. `rolls`, `tolerates`: some version of the service level looks back so.
terms AS MATERIALIZED (
    SELECT
        row_number() OVER () AS terms_no, u.*, s.contract_id, s.vendor_id, s.cycle, s.ends_on, a.from_on, a.as_of,
        bool_or(u.rolling > 1) OVER level AS rolls, bool_or(u.tolerated IS NOT NULL) OVER level AS tolerates,
        m.kind, m.hours, m.maintenance, m.maintenance_allowance,
        m.kind IN ('value', 'count') OR m.roll_up = 'mean' AS averaged,  -- periods have values of their own; rolling takes their mean
        m.kind = 'count' AND m.roll_up <> 'mean' AS totalled,  -- or, of counts, their sum: no more than 9 in three months
        m.roll_up = 'mean' AS mean_of_parts,
        m.kind = 'ratio' AND m.unit = 'percent' AS share,  -- the numerator is a part of the denominator
        m.kind = 'ratio' AND m.scale = 100 AS hundred,
        CASE m.kind WHEN 'ratio' THEN m.scale WHEN 'availability' THEN 100 ELSE 1 END AS scale
    FROM unpacked AS u
    JOIN slas_servicelevel AS s ON s.id = u.service_level_id AND s.id = ANY (%(levels)s::bigint[])
    JOIN requested AS a ON a.contract_id = s.contract_id
    CROSS JOIN LATERAL jsonb_to_record(s.measure) AS m (
        kind text, unit text, scale numeric, hours text, maintenance text, maintenance_allowance numeric, roll_up text
    )
    WINDOW level AS (PARTITION BY u.service_level_id)
),

-- 1. Slots: every service level and period that the contract and the terms call for, up to the day asked; none begins after its end.
slot AS (
    SELECT t.service_level_id, p.id AS period_id, p.starts_on, p.month, p.due_on, t.terms_no, t.kind, t.better, t.relief, t.maintenance,
        t.maintenance_allowance, t.share, t.scale, t.mean_of_parts, t.averaged,
        CASE t.hours WHEN 'calendar' THEN p.working_minutes WHEN 'always' THEN p.minutes END AS minutes
    FROM terms AS t
    JOIN contracts_period AS p
        ON p.contract_id = t.contract_id AND p.cycle = t.cycle AND p.starts_on >= greatest(t.from_on, t.terms_from)
        AND p.starts_on <= least(t.as_of, t.ends_on) AND p.starts_on < t.terms_until AND p.contract_id = ANY (%(contracts)s::bigint[])
),

-- 2. Facts: the figures of each month's accepted submission, or of the one that is previewed in its place.
accepted_submission AS (
    SELECT DISTINCT ON (b.contract_id, b.month) b.id, b.contract_id, b.month
    FROM requested AS a
    JOIN measurements_submission AS b ON b.contract_id = a.contract_id AND b.month >= date_trunc('month', a.from_on)
    WHERE b.contract_id = ANY (%(contracts)s::bigint[]) AND (b.status = 'accepted' OR b.id = %(preview)s)
    ORDER BY b.contract_id, b.month, b.id = %(preview)s DESC NULLS LAST
),

figure AS NOT MATERIALIZED (
    SELECT f.submission_id, f.service_level_id, f.period_id, f.part, f.numerator, f.denominator, f.value, f.downtime, f.maintenance,
        f.relieved, f.incident, f.note
    FROM measurements_figure AS f
    WHERE f.submission_id = ANY (ARRAY(SELECT b.id FROM accepted_submission AS b))
)
