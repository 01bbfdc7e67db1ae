-- How many expected figures of a month each contract has in which state, due on which day, who acts next, and since when the oldest is: what
-- month_slots.sql says of each, without looking at any. After month_states.sql, whose periods it takes; what is accepted is told apart by hearings,
-- results and editions. Parameters: months (the one), now; contracts, or null for all that are in scope.

counted AS MATERIALIZED (
    SELECT p.*, b.accepted_id, a.decided_at AS accepted_at, count(*) OVER (PARTITION BY p.contract_id) AS periods,
        CASE b.live_status WHEN 'returned' THEN l.decided_at WHEN 'submitted' THEN l.submitted_at END AS live_at
    FROM period_missing AS p
    LEFT JOIN month_submission AS b ON b.contract_id = p.contract_id AND b.month = p.month
    LEFT JOIN measurements_submission AS a ON a.id = b.accepted_id
    LEFT JOIN measurements_submission AS l ON l.id = b.live_id
),
-- Accepted figures about which an answer is awaited, each once, with what they were judged as.
heard AS MATERIALIZED (
    SELECT h.period_id, h.contract_id, h.disputed_at, h.relief_at, r.outcome
    FROM (
        SELECT d.contract_id, d.service_level_id, d.period_id, max(d.disputed_at) AS disputed_at, max(d.relief_at) AS relief_at
        FROM (
            SELECT d.contract_id, d.service_level_id, d.period_id, d.asked_at AS disputed_at, NULL::timestamptz AS relief_at
            FROM disputes_dispute AS d WHERE d.month = ANY (%(months)s) AND d.status = 'open'
            UNION ALL
            SELECT q.contract_id, q.service_level_id, q.period_id, NULL, q.asked_at
            FROM disputes_reliefrequest AS q WHERE q.month = ANY (%(months)s) AND q.status = 'open'
        ) AS d
        GROUP BY d.contract_id, d.service_level_id, d.period_id
    ) AS h
    JOIN counted AS m ON m.contract_id = h.contract_id AND m.period_id = h.period_id
    LEFT JOIN evaluation_result AS r ON r.service_level_id = h.service_level_id AND r.period_id = h.period_id
        AND r.outcome NOT IN ('pending', 'not_measured')
    WHERE EXISTS (
        SELECT FROM measurements_figure AS f
        WHERE f.submission_id = m.accepted_id AND f.service_level_id = h.service_level_id AND f.period_id = h.period_id)
),
edition AS MATERIALIZED (
    SELECT p.contract_id, p.at FROM scorecards_publication AS p WHERE p.month = ANY (%(months)s)
),
-- Of what is accepted and not heard: published where the month is, else judged so far as there are results. A contract with one period, as most
-- have, is counted from the index of outcomes alone.
told_apart AS MATERIALIZED (
    SELECT m.*, h.disputed, h.relief, h.disputed_at, h.relief_at, e.at AS published_at,
        CASE WHEN e.at IS NOT NULL THEN c.calm ELSE 0 END AS published,
        CASE WHEN e.at IS NULL THEN c.no_volume ELSE 0 END AS no_volume,
        CASE WHEN e.at IS NULL THEN least(c.judged, c.calm - c.no_volume) ELSE 0 END AS judged,
        CASE WHEN e.at IS NULL THEN greatest(c.calm - c.no_volume - c.judged, 0) ELSE 0 END AS unjudged
    FROM counted AS m
    CROSS JOIN LATERAL (
        SELECT count(h.disputed_at)::int AS disputed, count(*) FILTER (WHERE h.disputed_at IS NULL)::int AS relief,
            min(h.disputed_at) AS disputed_at, min(h.relief_at) FILTER (WHERE h.disputed_at IS NULL) AS relief_at,
            count(*) FILTER (WHERE h.outcome = 'no_volume')::int AS no_volume, count(*) FILTER (WHERE h.outcome <> 'no_volume')::int AS judged
        FROM heard AS h WHERE h.period_id = m.period_id
    ) AS h
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.outcome = 'no_volume')::int AS no_volume, count(*) FILTER (WHERE r.outcome <> 'no_volume')::int AS judged
        FROM evaluation_result AS r
        WHERE m.periods = 1 AND m.accepted > 0 AND r.contract_id = m.contract_id AND r.month = m.month AND r.outcome NOT IN ('pending', 'not_measured')
    ) AS r
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.outcome = 'no_volume')::int AS no_volume, count(*) FILTER (WHERE r.outcome <> 'no_volume')::int AS judged
        FROM evaluation_result AS r
        WHERE m.periods > 1 AND m.accepted > 0 AND r.contract_id = m.contract_id AND r.month = m.month AND r.outcome NOT IN ('pending', 'not_measured')
            AND r.period_id = m.period_id
    ) AS s
    CROSS JOIN LATERAL (SELECT max(p.at) AS at FROM edition AS p WHERE p.contract_id = m.contract_id) AS e
    CROSS JOIN LATERAL (SELECT m.accepted - h.disputed - h.relief AS calm) AS a
    CROSS JOIN LATERAL (
        SELECT a.calm, least(r.no_volume + s.no_volume - h.no_volume, a.calm) AS no_volume, r.judged + s.judged - h.judged AS judged) AS c
)
SELECT t.contract_id, s.state,
    CASE
        WHEN s.state IN ('late', 'due', 'returned') THEN 'vendor'
        WHEN s.state IN ('waiting', 'disputed', 'relief') THEN 'client'
        WHEN s.state IN ('judged', 'no_volume') AND t.done THEN 'client'
        ELSE 'nobody'
    END AS acts,
    t.due_on, s.number, s.since
FROM (SELECT t.*, bool_and(t.judged + t.no_volume = t.slots) OVER (PARTITION BY t.contract_id) AS done FROM told_apart AS t) AS t
JOIN contracts_contract AS c ON c.id = t.contract_id
JOIN organisations_vendor AS v ON v.id = c.vendor_id
LEFT JOIN evaluation_month AS j ON j.contract_id = t.contract_id AND j.month = t.month
CROSS JOIN LATERAL (VALUES
    (CASE WHEN t.runs THEN 'not_due' WHEN t.overdue THEN 'late' ELSE 'due' END, t.missing, CASE WHEN t.overdue AND NOT t.runs THEN t.due_on END),
    (CASE t.live_status WHEN 'returned' THEN 'returned' WHEN 'submitted' THEN 'waiting' END, t.live, t.live_at::date),
    ('disputed', t.disputed, t.disputed_at::date), ('relief', t.relief, t.relief_at::date), ('accepted', t.unjudged, t.accepted_at::date),
    ('no_volume', t.no_volume, j.judged_at::date), ('judged', t.judged, j.judged_at::date), ('published', t.published, t.published_at::date)
) AS s (state, number, since)
WHERE s.number > 0 AND s.state IS NOT NULL
ORDER BY lower(v.name), c.reference, c.id
