-- How much more until a rule is triggered, or a cap is reached, in the month that runs. CTEs only; after stored_account.sql, caps.sql and watched.sql.
-- Of a rule over a service level the next slots are asked about: each pushes the oldest out of the window. Over the contract more comes in the
-- running month, which is in the window already.

judged AS MATERIALIZED (
    SELECT w.*, CASE w.count WHEN 'points' THEN w.points ELSE w.share END AS amount,
        row_number() OVER (PARTITION BY w.contract_id, w.rule_no, w.service_level_id ORDER BY w.starts_on DESC) AS back
    FROM watched AS w WHERE w.judged
),

-- A rule's months, newest first; those that are not there yet have no credit.
rule_month AS MATERIALIZED (
    SELECT u.contract_id, u.rule_no, u.count, u.window, g.month, coalesce(o.credit, 0) AS credit, h.hits, h.hits > 0 AS hit, coalesce(o.capped, false) AS capped,
        row_number() OVER (PARTITION BY u.contract_id, u.rule_no ORDER BY g.month DESC) AS back
    FROM rule AS u
    JOIN account AS a ON a.contract_id = u.contract_id AND u.over = 'contract'
    JOIN month AS g ON g.contract_id = u.contract_id AND g.month BETWEEN a.since AND a.from_month
        AND (u.sees_from IS NULL OR g.month >= date_trunc('month', u.sees_from))
    LEFT JOIN stored_month AS o ON o.contract_id = g.contract_id AND o.month = g.month
    LEFT JOIN (
        SELECT contract_id, rule_no, month, count(*) FILTER (WHERE hit) AS hits FROM judged WHERE over = 'contract' GROUP BY contract_id, rule_no, month
    ) AS c ON c.contract_id = u.contract_id AND c.rule_no = u.rule_no AND c.month = g.month
    CROSS JOIN LATERAL (SELECT coalesce(c.hits, 0) AS hits) AS h
),

-- Kinds of things in the order in which they leave a window, newest first: slots of a service level, and months for months at the cap. A running
-- month that is not capped may become so: it is none of those that stay.
kept AS MATERIALIZED (
    SELECT s.contract_id, s.rule_no, s.service_level_id, s.back, count(*) FILTER (WHERE s.hit) OVER o AS hits,
        count(*) FILTER (WHERE s.weighed) OVER o AS weighed, sum(s.amount) OVER o AS amount
    FROM judged AS s WHERE s.over = 'service_level' AND s.count <> 'consecutive_defaults'
    WINDOW o AS (PARTITION BY s.contract_id, s.rule_no, s.service_level_id ORDER BY s.back)
    UNION ALL
    SELECT m.contract_id, m.rule_no, NULL, m.back - m.shift, count(*) FILTER (WHERE m.capped) OVER o, 0, 0
    FROM (
        SELECT m.*, CASE WHEN bool_or(m.capped AND m.back = 1) OVER (PARTITION BY m.contract_id, m.rule_no) THEN 0 ELSE 1 END AS shift
        FROM rule_month AS m WHERE m.count = 'capped_months'
    ) AS m
    WHERE m.back > m.shift
    WINDOW o AS (PARTITION BY m.contract_id, m.rule_no ORDER BY m.back)
),

-- Runs of defaults: how long the one is that another would lengthen, and whether it stands at the end.
run AS (
    SELECT s.contract_id, s.rule_no, s.service_level_id, coalesce(bool_or(s.hit) FILTER (WHERE s.back = 1), false) AS stands,
        CASE WHEN bool_or(s.any_run)
            THEN coalesce((array_agg(s.streak ORDER BY s.back) FILTER (WHERE s.hit OR s.breaks))[1], 0)
            ELSE count(*) FILTER (WHERE s.hit AND s.back < s.broken)
        END AS length
    FROM (
        SELECT s.*, coalesce(min(s.back) FILTER (WHERE s.breaks) OVER (PARTITION BY s.contract_id, s.rule_no, s.service_level_id), 1e9) AS broken
        FROM judged AS s WHERE s.over = 'service_level' AND s.count = 'consecutive_defaults'
    ) AS s
    GROUP BY s.contract_id, s.rule_no, s.service_level_id
    UNION ALL
    SELECT m.contract_id, m.rule_no, NULL, bool_or(m.hit AND m.back = 1), count(*) FILTER (WHERE m.hit AND m.back < m.broken)
    FROM (
        SELECT m.*, coalesce(min(m.back) FILTER (WHERE NOT m.hit AND m.back > 1) OVER (PARTITION BY m.contract_id, m.rule_no), 1e9) AS broken
        FROM rule_month AS m WHERE m.count = 'consecutive_defaults'
    ) AS m
    GROUP BY m.contract_id, m.rule_no
),

inside AS (
    SELECT l.contract_id, l.rule_no, sum(l.points) AS points, sum(l.hits) AS hits, count(*) FILTER (WHERE l.hits > 0) AS levels_hit,
        count(*) FILTER (WHERE l.weighed) AS levels
    FROM (
        SELECT s.contract_id, s.rule_no, s.month, s.service_level_id, sum(s.points) AS points, count(*) FILTER (WHERE s.hit) AS hits,
            bool_or(s.weighed) AS weighed
        FROM judged AS s
        JOIN rule_month AS m ON m.contract_id = s.contract_id AND m.rule_no = s.rule_no AND m.month = s.month AND m.back <= m.window
        WHERE s.over = 'contract' GROUP BY s.contract_id, s.rule_no, s.month, s.service_level_id
    ) AS l
    GROUP BY l.contract_id, l.rule_no
),

-- What each rule is asked about: a service level that has slots, any of them (null), or the contract.
asked AS (
    SELECT u.*, coalesce(u.at_least, u.more_than) AS at, x.service_level_id, x.slots
    FROM rule AS u
    CROSS JOIN LATERAL (
        SELECT s.service_level_id, count(*) AS slots FROM judged AS s
        WHERE u.over = 'service_level' AND s.contract_id = u.contract_id AND s.rule_no = u.rule_no GROUP BY s.service_level_id
        UNION ALL
        SELECT NULL, CASE WHEN u.over = 'contract' THEN (
            SELECT count(*) FROM judged AS s WHERE s.contract_id = u.contract_id AND s.rule_no = u.rule_no) ELSE 0 END
    ) AS x
),

-- `now` is what is counted; `base` and `weight` what stays of it when one more comes, or, where things leave a window (`leaves`), all of them.
standing AS (
    SELECT k.*, CASE k.count WHEN 'default_share' THEN round(100 * k.now_hits, 60) / nullif(k.now_weight, 0) ELSE k.now_hits END AS now
    FROM (
        SELECT a.*, a.count = 'capped_months' OR a.over = 'service_level' AND a.count IN ('defaults', 'default_share') AS leaves,
            a.count IN ('points', 'credit') AS amounts, all_of.things,
            CASE
                WHEN a.count = 'consecutive_defaults' THEN CASE WHEN r.stands THEN r.length ELSE 0 END
                WHEN a.count = 'capped_months' THEN (
                    SELECT count(*) FROM rule_month AS m WHERE m.contract_id = a.contract_id AND m.rule_no = a.rule_no AND m.back <= a.window AND m.capped)
                WHEN a.over = 'service_level' AND a.count IN ('points', 'credit') THEN in_window.amount
                WHEN a.over = 'service_level' THEN in_window.hits
                WHEN a.count = 'points' THEN i.points
                WHEN a.count = 'credit' THEN (
                    SELECT sum(m.credit) FROM rule_month AS m WHERE m.contract_id = a.contract_id AND m.rule_no = a.rule_no AND m.back <= a.window)
                WHEN a.count = 'defaults' THEN i.hits
                ELSE i.levels_hit
            END AS now_hits,
            CASE WHEN a.over = 'service_level' THEN in_window.weighed ELSE i.levels END AS now_weight,
            coalesce(CASE
                WHEN a.count = 'consecutive_defaults' THEN r.length
                WHEN a.over = 'service_level' AND a.count IN ('points', 'credit') THEN staying.amount
                WHEN a.over = 'service_level' OR a.count = 'capped_months' THEN all_of.hits
                WHEN a.count = 'points' THEN i.points
                WHEN a.count = 'credit' THEN (
                    SELECT sum(m.credit) FROM rule_month AS m WHERE m.contract_id = a.contract_id AND m.rule_no = a.rule_no AND m.back <= a.window)
                WHEN a.count = 'defaults' THEN i.hits
                ELSE i.levels_hit
            END, 0) AS base,
            coalesce(CASE WHEN a.over = 'service_level' THEN all_of.weighed ELSE i.levels END, 0) AS weight
        FROM asked AS a
        LEFT JOIN run AS r ON r.contract_id = a.contract_id AND r.rule_no = a.rule_no AND r.service_level_id IS NOT DISTINCT FROM a.service_level_id
        LEFT JOIN inside AS i ON i.contract_id = a.contract_id AND i.rule_no = a.rule_no
        LEFT JOIN LATERAL (
            SELECT k.* FROM kept AS k WHERE k.contract_id = a.contract_id AND k.rule_no = a.rule_no
                AND k.service_level_id IS NOT DISTINCT FROM a.service_level_id AND k.back <= a.window ORDER BY k.back DESC LIMIT 1) AS in_window ON true
        LEFT JOIN LATERAL (
            SELECT k.amount FROM kept AS k WHERE k.contract_id = a.contract_id AND k.rule_no = a.rule_no
                AND k.service_level_id IS NOT DISTINCT FROM a.service_level_id AND k.back < a.window ORDER BY k.back DESC LIMIT 1) AS staying ON true
        LEFT JOIN LATERAL (
            SELECT k.hits, k.weighed, k.back AS things FROM kept AS k WHERE k.contract_id = a.contract_id AND k.rule_no = a.rule_no
                AND k.service_level_id IS NOT DISTINCT FROM a.service_level_id ORDER BY k.back DESC LIMIT 1) AS all_of ON true
    ) AS k
),

-- The smallest number of further ones with which the rule holds. Where none leaves, and as long as none need leave, it follows from the limit;
-- after that each of the few that are there is tried.
rule_ahead AS (
    SELECT s.contract_id, s.rule_no, s.name, s.then, s.over, s.count, s.service_level_id, s.slots > 0 AS again, h.holds,
        CASE
            WHEN h.holds THEN 0
            WHEN s.amounts THEN greatest(s.at - s.base, 0)
            WHEN s.leaves THEN least(CASE WHEN s.window - n.more >= coalesce(s.things, 0) THEN n.more END, (
                SELECT min(s.window - k.back) FROM (
                    SELECT 0 AS back, 0 AS hits, 0 AS weighed
                    UNION ALL
                    SELECT k.back, k.hits, k.weighed FROM kept AS k WHERE k.contract_id = s.contract_id AND k.rule_no = s.rule_no
                        AND k.service_level_id IS NOT DISTINCT FROM s.service_level_id AND k.back < s.window
                ) AS k
                CROSS JOIN LATERAL (SELECT k.hits + s.window - k.back AS hits, k.weighed + s.window - k.back AS weighed) AS t
                WHERE CASE
                    WHEN s.count = 'default_share' THEN 100 * t.hits >= s.at_least * t.weighed OR 100 * t.hits > s.more_than * t.weighed
                    ELSE t.hits >= s.at_least OR t.hits > s.more_than END))
            ELSE n.more
        END AS more
    FROM standing AS s
    CROSS JOIN LATERAL (
        SELECT coalesce(round(coalesce(s.now, CASE WHEN s.count <> 'default_share' THEN 0 END), 42) >= s.at_least, false)
            OR coalesce(round(coalesce(s.now, CASE WHEN s.count <> 'default_share' THEN 0 END), 42) > s.more_than, false) AS holds
    ) AS h
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN s.count = 'default_share' AND s.at < 100 THEN f.whole + CASE WHEN f.rest > 0 AND s.at_least IS NOT NULL OR s.at_least IS NULL THEN 1 ELSE 0 END
            WHEN s.count = 'default_share' AND s.at_least = 100 AND s.weight = s.base THEN 1
            WHEN s.count = 'default_share' THEN NULL
            WHEN s.at_least IS NOT NULL THEN ceil(s.at) - s.base
            ELSE floor(s.at) + 1 - s.base
        END AS wanted
        FROM (
            SELECT CASE WHEN s.at < 100 THEN div(greatest(s.at * s.weight - 100 * s.base, 0), 100 - s.at) END AS whole,
                CASE WHEN s.at < 100 THEN mod(greatest(s.at * s.weight - 100 * s.base, 0), 100 - s.at) END AS rest
        ) AS f
    ) AS w
    CROSS JOIN LATERAL (SELECT CASE WHEN w.wanted IS NOT NULL THEN greatest(w.wanted, 1) END AS more) AS n
),

cap_ahead AS (
    SELECT d.contract_id, l.cap ->> 'over' AS over, (l.cap ->> 'limit')::numeric AS at, greatest((l.cap ->> 'limit')::numeric - i.issued, 0) AS more
    FROM due AS d
    JOIN cap AS c ON c.contract_id = d.contract_id AND c.month = d.month
    CROSS JOIN LATERAL jsonb_array_elements(c.list) AS l (cap)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(o.credit), 0) AS issued FROM stored_month AS o
        WHERE o.contract_id = d.contract_id AND o.month > d.month - interval '1 month' * CASE l.cap ->> 'over'
            WHEN 'month' THEN 1 WHEN 'rolling_12' THEN 12 ELSE d.nth %% 12 + 1 END
    ) AS i
)
