-- Steps 4 to 11 of the judgement: value, guards, rounding, band, allowance, outcome, streak, points. CTEs only.
-- What looks back (a rolling value, a tolerated number of misses) runs over a chain of its own, of the service levels whose terms do so: slots
-- that are judged now, and before them as many stored results as the terms look back on. Sums over "the last n" are differences of running
-- sums, so a window may differ by row. OFFSET 0 ends a step: what it works out is not worked out again wherever it is used.
--
-- Exact: what has an end keeps all its decimals (points are products of three numbers of 12). A quotient is carried with 60 decimals; values and
-- scores that are made of quotients are rounded to 54, points to 48, and sums are compared after rounding to 42, so that three thirds are one.

reach AS MATERIALIZED (
    SELECT t.service_level_id, min(t.from_on) AS from_on, bool_or(t.rolls) AS rolls, bool_or(t.tolerates) AS tolerates,
        greatest(max(t.rolling) - 1, max(t.tolerated_window) - 1, 1) AS slots
    FROM terms AS t GROUP BY t.service_level_id
),

-- Read slot by slot backwards, each service level as far as its own terms look back: however long the history is, no more than that is read.
history AS MATERIALIZED (
    SELECT x.service_level_id, x.rolls, x.tolerates, h.*
    FROM reach AS x
    CROSS JOIN LATERAL (
        SELECT r.starts_on, r.numerator AS good, r.denominator AS base, r.own_value, r.band_outcome, r.consecutive_defaults,
            row_number() OVER (ORDER BY r.starts_on DESC) AS back
        FROM evaluation_result AS r
        WHERE r.service_level_id = x.service_level_id AND r.starts_on < x.from_on
        ORDER BY r.starts_on DESC LIMIT x.slots
    ) AS h
),

-- 4. Value: over this slot and the rolling - 1 before it, where terms roll.
summed AS (
    SELECT c.*,
        sum(coalesce(c.good, 0)) OVER w AS good_so_far,
        sum(coalesce(c.base, 0)) OVER w AS base_so_far,
        sum(coalesce(c.own_value, 0)) OVER w AS own_so_far,
        count(c.own_value) OVER w AS owns_so_far
    FROM (
        SELECT f.service_level_id, f.starts_on, t.rolling, f.good, f.base, f.own_value
        FROM fact AS f
        JOIN terms AS t ON t.terms_no = f.terms_no AND t.rolls
        UNION ALL
        SELECT h.service_level_id, h.starts_on, NULL, h.good, h.base, h.own_value FROM history AS h WHERE h.rolls
    ) AS c
    WINDOW w AS (PARTITION BY c.service_level_id ORDER BY c.starts_on ROWS UNBOUNDED PRECEDING)
),

rolled AS (
    SELECT s.service_level_id, s.starts_on,
        s.good_so_far - lag(s.good_so_far, s.rolling, 0) OVER w AS good,
        s.base_so_far - lag(s.base_so_far, s.rolling, 0) OVER w AS base,
        s.own_so_far - lag(s.own_so_far, s.rolling, 0) OVER w AS own,
        s.owns_so_far - lag(s.owns_so_far, s.rolling, 0::bigint) OVER w AS owns, s.rolling
    FROM summed AS s
    WINDOW w AS (PARTITION BY s.service_level_id ORDER BY s.starts_on)
),

measured AS (
    SELECT f.*, t.contract_id, t.as_of, t.kind, t.hundred, t.averaged, t.totalled, t.rolling, t.bands, t.outcomes, t.low, t.high, t.low_rising,
        t.high_rising, t.better, t.low_volume_allowance, t.no_volume, t.minimum_volume, t.missing, t.tolerated, t.exempt_streak, t.places, t.mode,
        v.good AS whole_good, v.base AS whole_base, v.own, v.owns,
        CASE
            WHEN f.submission_id IS NULL OR v.base = 0 THEN NULL
            WHEN t.totalled THEN round(v.own, 54)
            WHEN t.averaged THEN round(round(v.own, 60) / nullif(v.owns, 0), 54)
            ELSE round(round(v.good * t.scale, 60) / v.base, 54)
        END AS measured
    FROM fact AS f
    JOIN terms AS t ON t.terms_no = f.terms_no
    LEFT JOIN rolled AS r ON r.service_level_id = f.service_level_id AND r.starts_on = f.starts_on AND r.rolling > 1
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.owns IS NULL THEN f.good ELSE r.good END AS good, CASE WHEN r.owns IS NULL THEN f.base ELSE r.base END AS base,
            CASE WHEN r.owns IS NULL THEN f.own_value ELSE r.own END AS own,
            CASE WHEN r.owns IS NULL THEN (f.own_value IS NOT NULL)::int ELSE r.owns END AS owns
    ) AS v
    OFFSET 0
),

-- 5. Guards, and 6. rounding, which replaces the value.
guarded AS (
    SELECT m.*,
        CASE
            WHEN m.submission_id IS NULL AND m.as_of <= m.due_on THEN 'pending'
            WHEN m.submission_id IS NULL THEN 'not_measured'
            WHEN m.whole_base = 0 OR m.averaged AND m.owns = 0 THEN 'no_volume'
            WHEN m.kind = 'ratio' AND m.whole_base < m.minimum_volume THEN 'exempt'
            ELSE 'judged'
        END AS state,
        CASE m.mode WHEN 'half_up' THEN round(m.measured, m.places) WHEN 'truncate' THEN trunc(m.measured, m.places) ELSE m.measured END
            AS value
    FROM measured AS m
    OFFSET 0
),

-- 7. Band, and so whether the target is met: how many thresholds the value reaches, counted from the worst; all inclusive.
-- 8. Low-volume allowance.
banded AS (
    SELECT g.*,
        CASE
            WHEN g.state = 'judged' AND g.allowance_applied THEN 1
            WHEN g.state = 'judged' THEN g.bands
                - coalesce(least(width_bucket(g.value, g.low_rising), width_bucket(-g.value, g.high_rising)), 0)
            WHEN g.state = 'no_volume' AND g.no_volume = 'met' THEN 1
        END AS band
    FROM (
        SELECT g.*, g.state = 'judged' AND g.low_volume_allowance AND g.hundred AND CASE g.better
            WHEN 'higher' THEN g.whole_base - g.whole_good <= greatest(1, floor(g.whole_base * (100 - g.low[1]) / 100))
            WHEN 'lower' THEN g.whole_good <= greatest(1, floor(g.whole_base * g.high[1] / 100))
            ELSE false
        END AS allowance_applied
        FROM guarded AS g
    ) AS g
    OFFSET 0
),

classified AS MATERIALIZED (
    SELECT p.service_level_id, p.period_id, p.starts_on, p.month, p.due_on, p.terms_no, p.submission_id, p.incident, p.parts,
        p.numerator, p.denominator, p.given, p.downtime, p.maintenance, p.relieved, p.note,
        p.good, p.base, p.own_value, p.state, p.value, p.band, p.allowance_applied, p.tolerated,
        p.missing = 'default' AS missing_defaults, p.exempt_streak = 'reset' AS exempt_breaks,
        CASE WHEN p.places IS NOT NULL THEN p.measured END AS unrounded,
        CASE WHEN p.rolling > 1 THEN p.whole_good END AS rolled_good, CASE WHEN p.rolling > 1 THEN p.whole_base END AS rolled_base,
        CASE WHEN p.rolling > 1 THEN p.own END AS rolled_own, CASE WHEN p.rolling > 1 THEN p.owns END AS rolled_owns,
        CASE
            WHEN p.state = 'no_volume' AND p.band IS NOT NULL THEN 'met'  -- whatever the first band says
            WHEN p.band IS NOT NULL THEN p.outcomes[p.band]
            WHEN p.state = 'not_measured' AND p.missing = 'default' THEN 'default'
        END AS band_outcome
    FROM banded AS p
),

failed AS (
    SELECT c.*,
        count(*) FILTER (WHERE c.band_outcome = 'miss') OVER w AS misses,
        count(*) FILTER (WHERE c.band_outcome = 'default') OVER w AS defaults
    FROM (
        SELECT s.service_level_id, s.starts_on, t.tolerated_window, t.counting_defaults, s.band_outcome
        FROM classified AS s
        JOIN terms AS t ON t.terms_no = s.terms_no AND t.tolerates
        UNION ALL
        SELECT h.service_level_id, h.starts_on, NULL, NULL, h.band_outcome FROM history AS h WHERE h.tolerates
    ) AS c
    WINDOW w AS (PARTITION BY c.service_level_id ORDER BY c.starts_on ROWS UNBOUNDED PRECEDING)
),

-- 9. Outcome: a tolerated miss is a default when it is the n-th in the window. The band's own word is counted, so that a miss which
-- became a default remains a miss for those after it.
counted_failures AS (
    SELECT f.service_level_id, f.starts_on, f.band_outcome,
        f.misses - lag(f.misses, f.tolerated_window, 0::bigint) OVER w
        + CASE WHEN f.counting_defaults THEN f.defaults - lag(f.defaults, f.tolerated_window, 0::bigint) OVER w ELSE 0 END
            AS failures
    FROM failed AS f
    WINDOW w AS (PARTITION BY f.service_level_id ORDER BY f.starts_on)
),

decided AS (
    SELECT s.*, c.failures, o.outcome, d.defaulted,
        NOT d.defaulted AND CASE
            WHEN o.outcome IN ('met', 'miss') THEN true
            WHEN o.outcome IN ('exempt', 'no_volume') THEN s.exempt_breaks
            ELSE false
        END AS breaks
    FROM classified AS s
    LEFT JOIN counted_failures AS c ON c.service_level_id = s.service_level_id AND c.starts_on = s.starts_on AND c.band_outcome = 'miss'
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN s.band_outcome = 'miss' AND c.failures >= s.tolerated THEN 'default'
            WHEN s.band IS NOT NULL THEN s.band_outcome
            ELSE s.state
        END AS outcome
    ) AS o
    CROSS JOIN LATERAL (
        SELECT o.outcome = 'default' OR o.outcome = 'not_measured' AND s.missing_defaults AS defaulted
    ) AS d
),

-- 10. Streak: defaults in a row, over neutral slots; whatever version the terms have. Looks at outcomes, never at money.
numbered AS (
    SELECT d.*, count(*) FILTER (WHERE d.defaulted) OVER w AS defaults_so_far
    FROM decided AS d
    WINDOW w AS (PARTITION BY d.service_level_id ORDER BY d.starts_on ROWS UNBOUNDED PRECEDING)
),

running AS (
    SELECT n.*,
        n.defaults_so_far - max(n.defaults_so_far) FILTER (WHERE n.breaks)
            OVER (PARTITION BY n.service_level_id ORDER BY n.starts_on ROWS UNBOUNDED PRECEDING) AS since_break
    FROM numbered AS n
),

-- 11. Points = band points × steps × weight × factor; a repeat multiplies the band reached now and does not compound.
judged AS (
    SELECT
        t.contract_id, t.vendor_id, r.service_level_id, r.period_id, t.terms_id, r.starts_on, r.month, r.submission_id, r.outcome,
        r.band::smallint AS band, t.names[r.band] AS band_name, r.band_outcome,
        CASE WHEN r.state IN ('judged', 'exempt') THEN trim_scale(r.value) END AS value,
        r.good AS numerator, r.base AS denominator, trim_scale(r.own_value) AS own_value,
        b.consecutive_defaults, CASE WHEN r.defaulted THEN b.consecutive_defaults ELSE 0 END AS streak, f.factor,
        CASE WHEN r.defaulted OR r.outcome = 'met' THEN trim_scale(round(t.points[b.band] * f.steps * t.weight * f.factor, 48))
            ELSE 0 END AS points,
        CASE
            WHEN r.band IS NULL THEN CASE WHEN r.defaulted THEN t.scores[t.bands] END
            WHEN t.scoring = 'linear' AND r.state = 'judged' AND NOT r.allowance_applied AND r.band > 1 AND r.band < t.bands THEN trim_scale(round(
                t.scores[r.band] + CASE
                    WHEN r.value < t.low[r.band - 1]
                        THEN round((t.scores[r.band - 1] - t.scores[r.band]) * (r.value - t.low[r.band]), 60)
                            / nullif(t.low[r.band - 1] - t.low[r.band], 0)
                    ELSE round((t.scores[r.band - 1] - t.scores[r.band]) * (r.value - t.high[r.band]), 60)
                        / nullif(t.high[r.band - 1] - t.high[r.band], 0)
                END, 54))
            ELSE t.scores[r.band]
        END AS score,
        r.incident,
        ('{' || concat_ws(',',
            '"figures":' || CASE
                WHEN r.parts IS NOT NULL THEN r.parts::text
                WHEN r.submission_id IS NOT NULL THEN '[{' || concat_ws(',',
                    '"numerator":' || r.numerator, '"denominator":' || r.denominator, '"value":' || r.given, '"downtime":' || r.downtime,
                    '"maintenance":' || r.maintenance, '"relieved":' || r.relieved, '"incident":' || to_json(r.incident),
                    '"note":' || to_json(nullif(r.note, ''))) || '}]'
            END,
            '"due_on":' || to_json(CASE WHEN r.state = 'pending' THEN r.due_on END),
            '"measured":' || CASE WHEN r.state IN ('judged', 'exempt') THEN trim_scale(r.unrounded) END,
            '"rolled":{' || CASE WHEN r.submission_id IS NOT NULL AND r.rolled_owns IS NOT NULL THEN concat_ws(',',
                '"good":' || r.rolled_good, '"base":' || r.rolled_base, '"own":' || trim_scale(r.rolled_own), '"owns":' || r.rolled_owns) || '}' END,
            '"lifted":' || CASE WHEN r.allowance_applied THEN 'true' END,
            '"failures":' || CASE WHEN r.band_outcome = 'miss' AND r.tolerated IS NOT NULL THEN r.failures END,
            '"steps":' || CASE WHEN t.step_size[b.band] IS NOT NULL THEN trim_scale(f.steps) END) || '}')::jsonb AS trace,
        r.terms_no, t.rolling > 1 OR t.tolerated IS NOT NULL AS looks_back
    FROM running AS r
    JOIN terms AS t ON t.terms_no = r.terms_no
    LEFT JOIN history AS h ON h.service_level_id = r.service_level_id AND h.back = 1
    CROSS JOIN LATERAL (
        SELECT coalesce(r.band, t.bands) AS band, coalesce(r.since_break, r.defaults_so_far + coalesce(h.consecutive_defaults, 0))::int AS consecutive_defaults
    ) AS b
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN r.defaulted THEN t.repeat[least(b.consecutive_defaults, cardinality(t.repeat))] ELSE 1 END AS factor,
            CASE
                WHEN t.step_size[b.band] IS NULL OR r.value IS NULL THEN 1
                ELSE (
                    SELECT CASE t.step_round[b.band] WHEN 'down' THEN floor(x.n) WHEN 'up' THEN ceil(x.n) ELSE x.n END
                    FROM (SELECT greatest(round(CASE t.better
                        WHEN 'lower' THEN r.value - t.step_from[b.band] ELSE t.step_from[b.band] - r.value END, 60)
                        / t.step_size[b.band], 0) AS n) AS x)
            END AS steps
    ) AS f
)
