-- How many more failing cases, or minutes of downtime, lose the band that a slot reached, and which band is reached then. CTEs only; after results.sql.
-- Parameter: headroom_of, the service level of which it is asked; null for all.
-- Said of percentages of cases that are summed over their parts, and of availabilities; not of a range to stay inside. A failing case is one more
-- case, and where lower is better one more of what is counted; minutes of downtime are taken from those of the period that are good.

-- A band is kept up to a bound: its threshold, moved by half a unit or a whole one of the last place where the value is rounded. What lies on the
-- bound has the band, but where lower is better and the value is rounded: it rounds to what lies beyond.
bound AS (
    SELECT t.terms_no, e.n::int AS band, t.better = 'higher' OR t.places IS NULL AS inclusive,
        CASE
            WHEN t.places IS NULL THEN e.at
            WHEN t.better = 'higher' THEN (ceil(e.at * u.units) - CASE t.mode WHEN 'half_up' THEN 0.5 ELSE 0 END) / u.units
            ELSE (floor(e.at * u.units) + CASE t.mode WHEN 'half_up' THEN 0.5 ELSE 1 END) / u.units
        END AS at
    FROM terms AS t
    CROSS JOIN LATERAL unnest(CASE t.better WHEN 'higher' THEN t.low ELSE t.high END) WITH ORDINALITY AS e (at, n)
    CROSS JOIN LATERAL (SELECT 10::numeric ^ coalesce(t.places, 0) AS units) AS u
    WHERE NOT t.mean_of_parts AND t.better <> 'inside' AND (t.share OR t.kind = 'availability' AND t.better = 'higher')
),

-- With how many more failures each band, from the one that was reached on, is out of reach; null where it never is. `spare` is what is left to
-- the bound, and `each` what a failure takes of it.
lost AS (
    SELECT c.service_level_id, c.starts_on, c.month, c.terms_no, c.band AS reached, b.band,
        CASE WHEN t.kind = 'availability' THEN trunc(greatest(c.good, 0)) END AS most,
        CASE
            WHEN s.each <= 0 THEN NULL
            WHEN b.inclusive THEN div(s.spare, s.each) + 1
            ELSE greatest(div(s.spare, s.each) + CASE WHEN mod(s.spare, s.each) > 0 THEN 1 ELSE 0 END, 1)
        END AS failures,
        -- The low-volume allowance keeps the first band as long as no more fail than one, or than its share of all.
        CASE
            WHEN NOT c.allowance_applied OR b.band > 1 THEN 0
            WHEN a.percent < 100 THEN greatest(
                floor(1 - a.failing) + 1, div(greatest(w.base * a.percent - 100 * ceil(a.failing), 0), 100 - a.percent) + 1)
        END AS allowed
    FROM classified AS c
    JOIN terms AS t ON t.terms_no = c.terms_no
    JOIN bound AS b ON b.terms_no = c.terms_no AND b.band >= c.band
    CROSS JOIN LATERAL (SELECT coalesce(c.rolled_good, c.good) AS good, coalesce(c.rolled_base, c.base) AS base) AS w
    CROSS JOIN LATERAL (
        SELECT greatest(CASE WHEN t.better = 'lower' THEN b.at * w.base - w.good * t.scale ELSE w.good * t.scale - b.at * w.base END, 0) AS spare,
            CASE WHEN t.kind = 'availability' THEN 100 WHEN t.better = 'lower' THEN t.scale - b.at ELSE b.at END AS each
    ) AS s
    CROSS JOIN LATERAL (
        SELECT CASE t.better WHEN 'lower' THEN w.good ELSE w.base - w.good END AS failing,
            CASE t.better WHEN 'lower' THEN t.high[1] ELSE 100 - t.low[1] END AS percent
    ) AS a
    WHERE c.state = 'judged' AND (c.service_level_id = %(headroom_of)s) IS NOT FALSE
),

-- Nothing of a band that the rest of the period cannot lose.
headroom AS (
    SELECT t.contract_id, l.service_level_id, l.starts_on, l.month, t.names[l.reached] AS band, r.fails_at,
        t.names[coalesce(min(l.band) FILTER (WHERE coalesce(l.failures, 'infinity') > r.fails_at AND l.band > l.reached), t.bands)] AS becomes
    FROM lost AS l
    JOIN (
        SELECT service_level_id, starts_on, CASE WHEN failures IS NOT NULL AND allowed IS NOT NULL THEN greatest(failures, allowed) END AS fails_at
        FROM lost WHERE band = reached
    ) AS r ON r.service_level_id = l.service_level_id AND r.starts_on = l.starts_on
    JOIN terms AS t ON t.terms_no = l.terms_no
    WHERE r.fails_at <= coalesce(l.most, 'infinity')
    GROUP BY t.contract_id, l.service_level_id, l.starts_on, l.month, l.reached, r.fails_at, t.names, t.bands
)
