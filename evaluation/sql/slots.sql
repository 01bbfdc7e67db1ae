-- Steps 1 to 3 of the judgement: slots, facts, exclusions. CTEs only; evaluation/pipeline.py puts the statement together.
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
),

-- 3. Exclusions: what each part contributes to the two sides after maintenance and relief.
-- A column that a part does not have counts as 0; maintenance beyond the allowance is downtime.
part AS NOT MATERIALIZED (
    SELECT s.service_level_id, s.period_id, s.starts_on, s.month, s.due_on, s.terms_no, s.scale, s.averaged, s.mean_of_parts,
        g.good, CASE WHEN f.submission_id IS NOT NULL THEN d.base END AS base,
        f.submission_id, f.part, f.numerator, f.denominator, f.value, f.downtime, f.maintenance, f.relieved, f.incident, f.note
    FROM slot AS s
    LEFT JOIN figure AS f ON f.service_level_id = s.service_level_id AND f.period_id = s.period_id
    CROSS JOIN LATERAL (
        SELECT coalesce(f.relieved, 0) AS relieved,
            least(coalesce(f.maintenance, 0), coalesce(s.maintenance_allowance, f.maintenance, 0)) AS maintained,
            coalesce(f.downtime, 0) + coalesce(f.maintenance, 0)
                - least(coalesce(f.maintenance, 0), coalesce(s.maintenance_allowance, f.maintenance, 0)) AS down
    ) AS x
    CROSS JOIN LATERAL (
        SELECT CASE s.kind
            WHEN 'ratio' THEN greatest(f.denominator - CASE s.relief WHEN 'exclude' THEN x.relieved ELSE 0 END, 0)
            WHEN 'availability' THEN greatest(
                s.minutes - CASE s.maintenance WHEN 'excluded' THEN x.maintained ELSE 0 END
                - CASE s.relief WHEN 'exclude' THEN x.relieved ELSE 0 END, 0)
            ELSE 1
        END AS base
    ) AS d
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN f.submission_id IS NULL THEN NULL  -- greatest() would make it 0
            WHEN s.kind = 'value' THEN f.value
            WHEN s.kind = 'count' THEN greatest(f.value - x.relieved, 0)
            WHEN s.kind = 'availability'
                THEN d.base - greatest(x.down - x.relieved, 0) - CASE s.maintenance WHEN 'downtime' THEN x.maintained ELSE 0 END
            WHEN s.better = 'lower' THEN greatest(f.numerator - x.relieved, 0)
            WHEN s.share THEN least(f.numerator + CASE s.relief WHEN 'deem_met' THEN x.relieved ELSE 0 END, d.base)
            ELSE f.numerator + CASE s.relief WHEN 'deem_met' THEN x.relieved ELSE 0 END
        END AS good
    ) AS g
),

-- Sums over the parts; the period's own value where it is not their ratio. A quotient is carried with 60 decimals: figures have at most
-- 12 digits and 6 decimals, so that two different quotients differ by more than 10^-36. Most slots have one part, whose sides
-- are already the sums; only service levels that report by part are grouped, and only they bring the figures for the trace with them.
parted AS MATERIALIZED (
    SELECT DISTINCT f.service_level_id FROM measurements_figure AS f WHERE f.service_level_id = ANY (%(levels)s::bigint[]) AND f.part <> ''
),

fact AS MATERIALIZED (
    SELECT p.service_level_id, p.period_id, p.starts_on, p.month, p.due_on, p.terms_no, p.good, p.base,
        CASE
            WHEN p.mean_of_parts THEN round(round(p.good * p.scale, 60) / nullif(p.base, 0), 60)
            WHEN p.averaged THEN p.good
        END AS own_value,
        p.submission_id, nullif(p.incident, '') AS incident, NULL::jsonb AS parts,
        p.numerator, p.denominator, p.value AS given, p.downtime, p.maintenance, p.relieved, p.note
    FROM part AS p
    WHERE p.service_level_id NOT IN (SELECT service_level_id FROM parted)
    UNION ALL
    SELECT p.service_level_id, p.period_id, p.starts_on, p.month, p.due_on, p.terms_no, sum(p.good), sum(p.base),
        CASE
            WHEN p.mean_of_parts THEN round(
                round(sum(round(p.good * p.scale, 60) / nullif(p.base, 0)) FILTER (WHERE p.mean_of_parts), 60)
                / nullif(count(nullif(p.base, 0)) FILTER (WHERE p.mean_of_parts), 0), 60)
            WHEN p.averaged THEN sum(p.good)
        END,
        max(p.submission_id), CASE WHEN min(nullif(p.incident, '')) = max(p.incident) THEN max(p.incident) END,
        jsonb_agg(json_object(
            'part': nullif(p.part, ''), 'numerator': p.numerator, 'denominator': p.denominator, 'value': p.value,
            'downtime': p.downtime, 'maintenance': p.maintenance, 'relieved': p.relieved,
            'incident': nullif(p.incident, ''), 'note': nullif(p.note, '') ABSENT ON NULL RETURNING jsonb
        ) ORDER BY p.part) FILTER (WHERE p.submission_id IS NOT NULL),
        NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM part AS p
    WHERE p.service_level_id IN (SELECT service_level_id FROM parted)
    GROUP BY p.service_level_id, p.period_id, p.starts_on, p.month, p.due_on, p.terms_no, p.mean_of_parts, p.averaged
    UNION ALL
    -- No row, ever; but the planner expects so many (a share's), and so hashes the small side of each join that follows.
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM generate_series(1, 24000) WHERE current_setting('app.organisation_id') = ''
)
