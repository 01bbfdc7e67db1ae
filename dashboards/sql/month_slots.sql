-- Every expected figure of a month over all contracts: a service level in a period for which it has terms, its state on the contract's day, who
-- acts next (vendor, client or nobody), and since when. Parameters: month, now; contracts, or null for all that are in scope.

submitted AS MATERIALIZED (
    SELECT b.id, b.contract_id, b.status, coalesce(b.decided_at, b.submitted_at) AS at, b.submitted_at
    FROM measurements_submission AS b
    WHERE b.month = %(month)s AND b.status IN ('submitted', 'returned', 'accepted')
        AND (%(contracts)s::bigint[] IS NULL OR b.contract_id = ANY (%(contracts)s))
),
-- What is there of each slot: accepted figures stay accepted while a correction of them waits.
reported AS MATERIALIZED (
    SELECT f.service_level_id, f.period_id,
        max(b.at) FILTER (WHERE b.status = 'accepted') AS accepted_at,
        max(b.submitted_at) FILTER (WHERE b.status = 'submitted') AS waits_since,
        max(b.at) FILTER (WHERE b.status = 'returned') AS returned_at
    FROM submitted AS b
    JOIN measurements_figure AS f ON f.submission_id = b.id
    GROUP BY f.service_level_id, f.period_id
),
edition AS MATERIALIZED (
    SELECT p.contract_id, max(p.at) AS at FROM scorecards_publication AS p WHERE p.month = %(month)s GROUP BY p.contract_id
),
judged AS MATERIALIZED (
    SELECT r.id, r.service_level_id, r.starts_on, r.outcome, r.judged_at FROM evaluation_result AS r WHERE r.month = %(month)s
        AND r.outcome NOT IN ('pending', 'not_measured')
        AND (%(contracts)s::bigint[] IS NULL OR r.contract_id = ANY (%(contracts)s))
),
hearing AS MATERIALIZED (
    SELECT h.service_level_id, h.period_id, max(h.disputed_at) AS disputed_at, max(h.relief_at) AS relief_at
    FROM (
        SELECT d.service_level_id, d.period_id, d.asked_at AS disputed_at, NULL::timestamptz AS relief_at
        FROM disputes_dispute AS d WHERE d.month = %(month)s AND d.status = 'open'
        UNION ALL
        SELECT q.service_level_id, q.period_id, NULL, q.asked_at FROM disputes_reliefrequest AS q WHERE q.month = %(month)s AND q.status = 'open'
    ) AS h
    GROUP BY h.service_level_id, h.period_id
),
slot AS MATERIALIZED (
    SELECT c.id AS contract_id, c.vendor_id, s.id AS level_id, s.code, s.name, s.position, p.id AS period_id, p.starts_on, p.label, p.cycle,
        p.due_on, t.today,
        CASE
            WHEN f.accepted_at IS NULL AND f.returned_at IS NOT NULL THEN 'returned'
            WHEN f.accepted_at IS NULL AND f.waits_since IS NOT NULL THEN 'waiting'
            WHEN f.accepted_at IS NULL AND p.ends_on >= t.today THEN 'not_due'
            WHEN f.accepted_at IS NULL AND p.due_on < t.today THEN 'late'
            WHEN f.accepted_at IS NULL THEN 'due'
            WHEN h.disputed_at IS NOT NULL THEN 'disputed'
            WHEN h.relief_at IS NOT NULL THEN 'relief'
            WHEN e.at IS NOT NULL THEN 'published'
            WHEN j.outcome = 'no_volume' THEN 'no_volume'
            WHEN j.outcome IS NOT NULL THEN 'judged'
            ELSE 'accepted'
        END AS state,
        f.accepted_at, f.waits_since, f.returned_at, h.disputed_at, h.relief_at, e.at AS published_at, j.judged_at, j.id AS result_id
    FROM contracts_period AS p
    JOIN contracts_contract AS c ON c.id = p.contract_id
    JOIN slas_servicelevel AS s ON s.contract_id = p.contract_id AND s.cycle = p.cycle
    JOIN slas_terms AS v ON v.service_level_id = s.id AND v.valid @> p.starts_on
    CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE c.timezone)::date AS today) AS t
    LEFT JOIN reported AS f ON f.service_level_id = s.id AND f.period_id = p.id
    LEFT JOIN hearing AS h ON h.service_level_id = s.id AND h.period_id = p.id
    LEFT JOIN edition AS e ON e.contract_id = c.id
    LEFT JOIN judged AS j ON j.service_level_id = s.id AND j.starts_on = p.starts_on
    WHERE p.month = %(month)s AND (%(contracts)s::bigint[] IS NULL OR p.contract_id = ANY (%(contracts)s))
),
-- The most urgent first. A month that is judged as a whole waits for whoever publishes it.
standing AS MATERIALIZED (
    SELECT s.*,
        array_position(ARRAY['late', 'due', 'returned', 'waiting', 'disputed', 'relief', 'not_due', 'accepted', 'no_volume', 'judged', 'published'],
            s.state) AS urgency,
        CASE
            WHEN s.state IN ('late', 'due', 'returned') THEN 'vendor'
            WHEN s.state IN ('waiting', 'disputed', 'relief') THEN 'client'
            WHEN s.state IN ('judged', 'no_volume') AND bool_and(s.state IN ('judged', 'no_volume')) OVER (PARTITION BY s.contract_id) THEN 'client'
            ELSE 'nobody'
        END AS acts,
        CASE s.state
            WHEN 'late' THEN s.due_on
            WHEN 'returned' THEN s.returned_at::date
            WHEN 'waiting' THEN s.waits_since::date
            WHEN 'disputed' THEN s.disputed_at::date
            WHEN 'relief' THEN s.relief_at::date
            WHEN 'accepted' THEN s.accepted_at::date
            WHEN 'published' THEN s.published_at::date
            WHEN 'judged' THEN s.judged_at::date
            WHEN 'no_volume' THEN s.judged_at::date
        END AS since
    FROM slot AS s
)
