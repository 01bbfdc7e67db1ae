-- Steps 4 to 11 of the judgement: value, guards, rounding, band, allowance, outcome, streak, points. CTEs only.
-- Everything that looks back runs over one chain per service level, in order of period: slots that are judged now, and before them as many
-- stored results as the terms look back on. Sums over "the last n" are differences of running sums, so a window may differ by row.

reach AS (
    SELECT t.service_level_id, greatest(max(t.rolling) - 1, max(t.tolerated_window) - 1, 1) AS slots
    FROM terms AS t GROUP BY t.service_level_id
),

-- A service level's slots follow each other without a gap, so the last n of them lie within n cycles before the first day asked.
behind AS MATERIALIZED (
    SELECT x.service_level_id, x.slots, a.from_on,
        (date_trunc('month', a.from_on) - interval '1 month' * least(1200, x.slots * CASE m.cycle
            WHEN 'month' THEN 1 WHEN 'week' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 ELSE 1200 END + 1))::date AS since
    FROM reach AS x
    JOIN measure AS m ON m.service_level_id = x.service_level_id
    JOIN asked AS a ON a.contract_id = m.contract_id
),

history AS (
    SELECT r.service_level_id, r.starts_on, r.numerator, r.denominator, r.own_value, r.band_outcome,
        CASE WHEN r.back = 1 THEN r.run END AS carried
    FROM (
        SELECT h.service_level_id, h.starts_on, h.numerator, h.denominator, h.own_value, h.band_outcome, h.run, x.slots,
            row_number() OVER (PARTITION BY h.service_level_id ORDER BY h.starts_on DESC) AS back
        FROM behind AS x
        JOIN evaluation_result AS h ON h.service_level_id = x.service_level_id AND h.starts_on < x.from_on AND h.month >= x.since
        WHERE h.contract_id = ANY (%(contracts)s::bigint[]) AND h.month >= (SELECT min(y.since) FROM behind AS y)
    ) AS r
    WHERE r.back <= r.slots
),

chain AS (
    SELECT true AS asked, f.service_level_id, f.starts_on, f.good, f.base, f.own_value, NULL AS past_outcome, NULL::int AS carried,
        f.contract_id, f.vendor_id, f.period_id, f.month, f.due_on, f.as_of, f.terms_no, f.submission_id, f.reported, f.incident, f.figures
    FROM fact AS f
    UNION ALL
    SELECT false, h.service_level_id, h.starts_on, h.numerator, h.denominator, h.own_value, h.band_outcome, h.carried,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, h.numerator IS NOT NULL, NULL, NULL
    FROM history AS h
),

summed AS (
    SELECT c.*,
        sum(coalesce(c.good, 0)) OVER w AS good_so_far,
        sum(coalesce(c.base, 0)) OVER w AS base_so_far,
        sum(coalesce(c.own_value, 0)) OVER w AS own_so_far,
        count(c.own_value) OVER w AS owns_so_far
    FROM chain AS c
    WINDOW w AS (PARTITION BY c.service_level_id ORDER BY c.starts_on ROWS UNBOUNDED PRECEDING)
),

-- 4. Value: over this slot and the rolling - 1 before it.
rolled AS (
    SELECT s.asked, s.service_level_id, s.starts_on, s.past_outcome, s.carried, s.contract_id, s.vendor_id, s.period_id, s.month,
        s.due_on, s.as_of, s.terms_no, s.submission_id, s.reported, s.incident, s.figures, s.good, s.base, s.own_value,
        t.rolling, m.averaged, m.scale, m.kind, m.hundred,
        s.good_so_far - lag(s.good_so_far, t.rolling, 0) OVER w AS rolled_good,
        s.base_so_far - lag(s.base_so_far, t.rolling, 0) OVER w AS rolled_base,
        s.own_so_far - lag(s.own_so_far, t.rolling, 0) OVER w AS rolled_own,
        s.owns_so_far - lag(s.owns_so_far, t.rolling, 0::bigint) OVER w AS rolled_owns
    FROM summed AS s
    LEFT JOIN terms AS t ON t.terms_no = s.terms_no
    LEFT JOIN measure AS m ON m.service_level_id = s.service_level_id
    WINDOW w AS (PARTITION BY s.service_level_id ORDER BY s.starts_on)
),

-- 5. Guards, and 6. rounding, which replaces the value.
guarded AS (
    SELECT r.*, t.bands, t.outcomes, t.low, t.high, t.low_rising, t.high_rising, t.better, t.allowance, t.no_volume, t.missing,
        t.tolerated, t.tolerated_window, t.counting_defaults, t.exempt_streak, t.places,
        CASE
            WHEN NOT r.asked THEN NULL
            WHEN NOT r.reported AND r.as_of <= r.due_on THEN 'pending'
            WHEN NOT r.reported THEN 'not_measured'
            WHEN r.rolled_base = 0 OR r.averaged AND r.rolled_owns = 0 THEN 'no_volume'
            WHEN r.kind = 'ratio' AND r.rolled_base < t.minimum_volume THEN 'exempt'
            ELSE 'judged'
        END AS state,
        v.measured,
        CASE t.mode WHEN 'half_up' THEN round(v.measured, t.places) WHEN 'truncate' THEN trunc(v.measured, t.places) ELSE v.measured END
            AS value
    FROM rolled AS r
    LEFT JOIN terms AS t ON t.terms_no = r.terms_no
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN NOT r.asked OR NOT r.reported OR r.rolled_base = 0 THEN NULL
            -- A period's own mean has 30 places, so that thirds which add up to a whole do so in the first 24.
            WHEN r.averaged THEN round(round(r.rolled_own, 40) / nullif(r.rolled_owns, 0), 24)
            ELSE round(round(r.rolled_good * r.scale, 40) / r.rolled_base, 30)
        END AS measured
    ) AS v
),

-- 7. Band: how many thresholds the value reaches, counted from the worst; all inclusive. 8. Low-volume allowance.
placed AS (
    SELECT g.*, l.lifted,
        CASE
            WHEN g.state = 'judged' AND l.lifted THEN 1
            WHEN g.state = 'judged' THEN g.bands
                - coalesce(least(width_bucket(g.value, g.low_rising), width_bucket(-g.value, g.high_rising)), 0)
            WHEN g.state = 'no_volume' AND g.no_volume = 'met' THEN 1
        END AS band
    FROM guarded AS g
    CROSS JOIN LATERAL (
        SELECT g.state = 'judged' AND g.allowance AND g.hundred AND CASE g.better
            WHEN 'higher' THEN g.rolled_base - g.rolled_good <= greatest(1, floor(g.rolled_base * (100 - g.low[1]) / 100))
            WHEN 'lower' THEN g.rolled_good <= greatest(1, floor(g.rolled_base * g.high[1] / 100))
            ELSE false
        END AS lifted
    ) AS l
),

-- From here on without the terms' arrays: the rows pass through four more windows.
said AS (
    SELECT p.asked, p.service_level_id, p.starts_on, p.contract_id, p.vendor_id, p.period_id, p.month, p.due_on, p.terms_no,
        p.submission_id, p.reported, p.incident, p.figures, p.good, p.base, p.own_value, p.state, p.value, p.band, p.lifted,
        p.carried, p.missing, p.exempt_streak, p.tolerated, p.tolerated_window, p.counting_defaults,
        CASE WHEN p.rolling > 1 AND p.reported THEN jsonb_build_object(
            'good', p.rolled_good, 'base', p.rolled_base, 'own', p.rolled_own, 'owns', p.rolled_owns) END AS rolled,
        CASE WHEN p.places IS NOT NULL THEN p.measured END AS unrounded,
        CASE
            WHEN NOT p.asked THEN p.past_outcome
            WHEN p.state = 'no_volume' AND p.band IS NOT NULL THEN 'met'  -- whatever the first band says
            WHEN p.band IS NOT NULL THEN p.outcomes[p.band]
            WHEN p.state = 'not_measured' AND p.missing = 'default' THEN 'default'
        END AS band_outcome
    FROM placed AS p
),

failed AS (
    SELECT s.*,
        count(*) FILTER (WHERE s.band_outcome = 'miss') OVER w AS misses,
        count(*) FILTER (WHERE s.band_outcome = 'default') OVER w AS defaults
    FROM said AS s
    WINDOW w AS (PARTITION BY s.service_level_id ORDER BY s.starts_on ROWS UNBOUNDED PRECEDING)
),

-- 9. Outcome: a tolerated miss is a default when it is the n-th in the window. The band's own word is counted, so that a miss which
-- became a default remains a miss for those after it.
counted_failures AS (
    SELECT f.*,
        f.misses - lag(f.misses, f.tolerated_window, 0::bigint) OVER w
        + CASE WHEN f.counting_defaults THEN f.defaults - lag(f.defaults, f.tolerated_window, 0::bigint) OVER w ELSE 0 END
            AS failures
    FROM failed AS f
    WINDOW w AS (PARTITION BY f.service_level_id ORDER BY f.starts_on)
),

decided AS (
    SELECT c.*, o.outcome,
        d.defaulted,
        NOT d.defaulted AND CASE
            WHEN o.outcome IN ('met', 'miss') THEN true
            WHEN o.outcome IN ('exempt', 'no_volume') THEN c.exempt_streak = 'reset'
            ELSE false
        END AS breaks
    FROM counted_failures AS c
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN c.band_outcome = 'miss' AND c.failures >= c.tolerated THEN 'default'
            WHEN c.band IS NOT NULL THEN c.band_outcome
            ELSE c.state
        END AS outcome
    ) AS o
    CROSS JOIN LATERAL (
        SELECT c.asked AND (o.outcome = 'default' OR o.outcome = 'not_measured' AND c.missing = 'default') AS defaulted
    ) AS d
),

-- 10. Streak: defaults in a row, over neutral slots; whatever version the terms have. Looks at outcomes, never at money.
numbered AS (
    SELECT d.*, count(*) FILTER (WHERE d.defaulted) OVER w AS defaults_so_far, max(d.carried) OVER w AS carried_run
    FROM decided AS d
    WINDOW w AS (PARTITION BY d.service_level_id ORDER BY d.starts_on ROWS UNBOUNDED PRECEDING)
),

running AS (
    SELECT n.*,
        (n.defaults_so_far - coalesce(
            max(n.defaults_so_far) FILTER (WHERE n.asked AND n.breaks)
                OVER (PARTITION BY n.service_level_id ORDER BY n.starts_on ROWS UNBOUNDED PRECEDING),
            -coalesce(n.carried_run, 0)
        ))::int AS run
    FROM numbered AS n
),

-- 11. Points = band points × steps × weight × factor; a repeat multiplies the band reached now and does not compound.
judged AS (
    SELECT
        r.contract_id, r.vendor_id, r.service_level_id, r.period_id, t.terms_id, r.starts_on, r.month, r.submission_id, r.outcome,
        r.band::smallint AS band, t.names[r.band] AS band_name, r.band_outcome,
        CASE WHEN r.state IN ('judged', 'exempt') THEN round(r.value, 12) END AS value,
        r.good AS numerator, r.base AS denominator, r.own_value,
        r.run, CASE WHEN r.defaulted THEN r.run ELSE 0 END AS streak, f.factor,
        CASE WHEN r.defaulted OR r.outcome = 'met' THEN round(t.points[b.band] * f.steps * t.weight * f.factor, 12) ELSE 0 END AS points,
        CASE
            WHEN r.band IS NULL THEN CASE WHEN r.defaulted THEN t.scores[t.bands] END
            WHEN t.scoring = 'linear' AND r.state = 'judged' AND NOT r.lifted AND r.band > 1 AND r.band < t.bands THEN round(
                t.scores[r.band] + (t.scores[r.band - 1] - t.scores[r.band]) * CASE
                    WHEN r.value < t.low[r.band - 1]
                        THEN (r.value - t.low[r.band]) / nullif(t.low[r.band - 1] - t.low[r.band], 0)
                    ELSE (r.value - t.high[r.band]) / nullif(t.high[r.band - 1] - t.high[r.band], 0)
                END, 12)
            ELSE t.scores[r.band]
        END AS score,
        r.incident,
        jsonb_strip_nulls(jsonb_build_object(
            'figures', r.figures,
            'due_on', CASE WHEN r.state = 'pending' THEN r.due_on END,
            'measured', CASE WHEN r.state IN ('judged', 'exempt') THEN round(r.unrounded, 12) END,
            'rolled', r.rolled,
            'lifted', CASE WHEN r.lifted THEN true END,
            'failures', CASE WHEN r.band_outcome = 'miss' AND r.tolerated IS NOT NULL THEN r.failures END,
            'steps', CASE WHEN t.step_size[b.band] IS NOT NULL THEN round(f.steps, 12) END
        )) AS trace,
        t.terms_from, t.credits_from, t.exempt_streak, t.better, t.low[1] AS first_low, t.high[1] AS first_high
    FROM running AS r
    JOIN terms AS t ON t.terms_no = r.terms_no
    CROSS JOIN LATERAL (SELECT coalesce(r.band, t.bands) AS band) AS b
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN r.defaulted THEN t.repeat[least(r.run, cardinality(t.repeat))] ELSE 1 END AS factor,
            CASE
                WHEN t.step_size[b.band] IS NULL OR r.value IS NULL THEN 1
                ELSE (
                    SELECT CASE t.step_round[b.band] WHEN 'down' THEN floor(x.n) WHEN 'up' THEN ceil(x.n) ELSE x.n END
                    FROM (SELECT greatest(round(CASE t.better
                        WHEN 'lower' THEN r.value - t.step_from[b.band] ELSE t.step_from[b.band] - r.value END, 40)
                        / t.step_size[b.band], 0) AS n) AS x)
            END AS steps
    ) AS f
    WHERE r.asked
)
