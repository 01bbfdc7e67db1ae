-- Step 19: window rules. Something counted over the last n slots of a service level, or months of the contract, reaches a threshold. CTEs only.
-- Reads `watched` and `rule`, `account`, `month` and `money`; gives `triggered_rule` for the months that were computed again.

-- Where sums go over months, or the judgement has counted already, slots that contribute nothing change nothing. They are looked at where a window
-- counts slots or a share is taken of them, and where nothing is enough.
watched_slot AS MATERIALIZED (
    SELECT * FROM watched AS w
    WHERE w.contributes OR w.count = 'default_share' OR w.over = 'service_level' AND (w.count <> 'consecutive_defaults' OR NOT w.any_run OR w.always)
),

-- A rule counts one thing, so that one running sum serves it; a share has a second one. Runs of defaults that a rule counts whatever their
-- band and from whenever are those of the judgement.
level_sums AS (
    SELECT w.*,
        CASE WHEN w.count IN ('points', 'credit') THEN sum(CASE w.count WHEN 'points' THEN w.points ELSE w.share END) OVER o END AS amount,
        count(*) FILTER (WHERE w.hit) OVER o AS hits,
        count(*) FILTER (WHERE w.weighed) OVER o AS weighed_so_far
    FROM watched_slot AS w
    WHERE w.over = 'service_level' AND NOT (w.count = 'consecutive_defaults' AND w.any_run)
    WINDOW o AS (PARTITION BY w.contract_id, w.rule_no, w.service_level_id ORDER BY w.starts_on ROWS UNBOUNDED PRECEDING)
),

level_windows AS (
    SELECT s.contract_id, s.rule_no, s.service_level_id, s.month, s.judged,
        CASE s.count
            WHEN 'defaults' THEN s.hits - lag(s.hits, s.window, 0::bigint) OVER o
            WHEN 'default_share' THEN round(100 * (s.hits - lag(s.hits, s.window, 0::bigint) OVER o), 60)
                / nullif(s.weighed_so_far - lag(s.weighed_so_far, s.window, 0::bigint) OVER o, 0)
            WHEN 'consecutive_defaults' THEN CASE WHEN s.hit THEN
                s.hits - coalesce(max(s.hits) FILTER (WHERE s.breaks) OVER o, 0) ELSE 0 END
            ELSE s.amount - lag(s.amount, s.window, 0) OVER o
        END AS measured
    FROM level_sums AS s
    WINDOW o AS (PARTITION BY s.contract_id, s.rule_no, s.service_level_id ORDER BY s.starts_on ROWS UNBOUNDED PRECEDING)
    UNION ALL
    SELECT w.contract_id, w.rule_no, w.service_level_id, w.month, w.judged, CASE WHEN w.hit THEN w.streak ELSE 0 END
    FROM watched_slot AS w
    WHERE w.over = 'service_level' AND w.count = 'consecutive_defaults' AND w.any_run
),

-- Of several slots in a month the one that comes to most: a right that arose in its second week is there, whatever the fourth was.
level_measured AS (
    SELECT w.contract_id, w.rule_no, w.service_level_id, w.month, max(w.measured) AS measured
    FROM level_windows AS w
    WHERE w.judged
    GROUP BY w.contract_id, w.rule_no, w.service_level_id, w.month
),

month_sums AS (
    SELECT u.contract_id, u.rule_no, u.count, u.window, m.month,
        sum(coalesce(s.points, 0)) OVER o AS points_so_far,
        sum(coalesce(s.hits, 0)) OVER o AS hits_so_far,
        sum(coalesce(v.hit, 0)) OVER o AS levels_hit_so_far,
        sum(coalesce(v.weighed, 0)) OVER o AS levels_so_far,
        sum(coalesce(n.credit, p.credit, 0)) OVER o AS credit_so_far,
        count(*) FILTER (WHERE coalesce(n.capped, p.capped, false)) OVER o AS capped_so_far,
        count(*) FILTER (WHERE coalesce(s.hits, 0) > 0) OVER o AS months_so_far,
        coalesce(s.hits, 0) > 0 AS hit
    FROM rule AS u
    JOIN month AS m ON m.contract_id = u.contract_id AND m.month <= u.until
    JOIN evaluation_window AS q ON q.contract_id = u.contract_id AND m.month >= q.since
        AND (u.sees_from IS NULL OR m.month >= date_trunc('month', u.sees_from))
    LEFT JOIN (
        SELECT contract_id, rule_no, month, sum(points) AS points, count(*) FILTER (WHERE hit) AS hits
        FROM watched_slot WHERE over = 'contract' GROUP BY contract_id, rule_no, month
    ) AS s ON s.contract_id = u.contract_id AND s.rule_no = u.rule_no AND s.month = m.month
    LEFT JOIN (
        SELECT contract_id, rule_no, month, count(*) FILTER (WHERE hit) AS hit, count(*) FILTER (WHERE weighed) AS weighed
        FROM (
            SELECT contract_id, rule_no, month, service_level_id, bool_or(hit) AS hit, bool_or(weighed) AS weighed
            FROM watched_slot WHERE over = 'contract' AND count = 'default_share'
            GROUP BY contract_id, rule_no, month, service_level_id
        ) AS l
        GROUP BY contract_id, rule_no, month
    ) AS v ON v.contract_id = u.contract_id AND v.rule_no = u.rule_no AND v.month = m.month
    LEFT JOIN money AS n ON n.contract_id = u.contract_id AND n.month = m.month
    LEFT JOIN evaluation_month AS p ON p.contract_id = u.contract_id AND p.month = m.month AND p.month < u.from_month
        AND p.contract_id = ANY (%(contracts)s::bigint[])
    WHERE u.over = 'contract'
    WINDOW o AS (PARTITION BY u.contract_id, u.rule_no ORDER BY m.month ROWS UNBOUNDED PRECEDING)
),

month_measured AS (
    SELECT s.contract_id, s.rule_no, NULL::bigint AS service_level_id, s.month,
        CASE s.count
            WHEN 'points' THEN s.points_so_far - lag(s.points_so_far, s.window, 0) OVER o
            WHEN 'credit' THEN s.credit_so_far - lag(s.credit_so_far, s.window, 0) OVER o
            WHEN 'defaults' THEN s.hits_so_far - lag(s.hits_so_far, s.window, 0) OVER o
            WHEN 'capped_months' THEN s.capped_so_far - lag(s.capped_so_far, s.window, 0::bigint) OVER o
            WHEN 'default_share' THEN round(100 * (s.levels_hit_so_far - lag(s.levels_hit_so_far, s.window, 0) OVER o), 60)
                / nullif(s.levels_so_far - lag(s.levels_so_far, s.window, 0) OVER o, 0)
            WHEN 'consecutive_defaults' THEN s.months_so_far - coalesce(max(s.months_so_far) FILTER (WHERE NOT s.hit) OVER (
                PARTITION BY s.contract_id, s.rule_no ORDER BY s.month ROWS UNBOUNDED PRECEDING), 0)
        END AS measured
    FROM month_sums AS s
    WINDOW o AS (PARTITION BY s.contract_id, s.rule_no ORDER BY s.month)
),

triggered_rule AS MATERIALIZED (
    SELECT u.contract_id, a.vendor_id, m.month, u.name AS rule, m.service_level_id, round(m.measured, 12) AS measured, u.then
    FROM (SELECT * FROM level_measured UNION ALL SELECT * FROM month_measured) AS m
    JOIN rule AS u ON u.contract_id = m.contract_id AND u.rule_no = m.rule_no
    JOIN account AS a ON a.contract_id = m.contract_id
    WHERE m.month BETWEEN u.from_month AND u.until
        AND (u.holds_until IS NULL OR m.month + interval '1 month' <= u.holds_until + interval '1 day')
        AND (round(m.measured, 42) >= u.at_least OR round(m.measured, 42) > u.more_than)
)
