-- How far each contract's reporting of a month has come: how many of its slots are in which state, on the contract's day. Read from what is
-- counted when terms and figures are written, period by period, and never slot by slot. What is late or due follows from the day.
-- Parameters: now; months (first days); contracts, or null for all that are in scope.

month_submission AS (
    SELECT b.contract_id, b.month, max(b.revision) AS revision,
        max(b.id) FILTER (WHERE b.status = 'accepted') AS accepted_id,
        max(b.id) FILTER (WHERE b.status <> 'accepted' AND b.status <> 'superseded') AS live_id,
        max(b.status) FILTER (WHERE b.status <> 'accepted' AND b.status <> 'superseded') AS live_status,
        max(b.due_again_on) FILTER (WHERE b.status = 'returned') AS due_again_on,
        min(b.submitted_at) FILTER (WHERE b.status = 'accepted') AS accepted_at,
        min(b.submitted_at) FILTER (WHERE b.status <> 'accepted' AND b.status <> 'superseded') AS live_at
    FROM measurements_submission AS b
    WHERE b.month = ANY (%(months)s) AND (%(contracts)s::bigint[] IS NULL OR b.contract_id = ANY (%(contracts)s))
    GROUP BY b.contract_id, b.month
),

-- By their month, whatever the planner thinks how many there are: contract by contract it would read all periods of each.
month_period AS MATERIALIZED (
    SELECT p.id, p.contract_id, p.month, p.slots, p.due_on, p.ends_on FROM contracts_period AS p
    WHERE p.month = ANY (%(months)s) AND (%(contracts)s::bigint[] IS NULL OR p.contract_id = ANY (%(contracts)s)) AND p.slots > 0
),

-- A correction begins as a copy of the accepted figures and no slot is ever taken out of it: of its slots, those that were accepted stay so.
period_state AS (
    SELECT p.id AS period_id, p.contract_id, p.month, p.slots, p.due_on, t.today,
        p.ends_on >= t.today AS runs, p.due_on < t.today AS overdue,
        coalesce(a.slots, 0) AS accepted, greatest(coalesce(l.slots, 0) - coalesce(a.slots, 0), 0) AS live,
        coalesce(b.live_status, '') AS live_status
    FROM month_period AS p
    JOIN contracts_contract AS c ON c.id = p.contract_id
    CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE c.timezone)::date AS today) AS t
    LEFT JOIN month_submission AS b ON b.contract_id = p.contract_id AND b.month = p.month
    LEFT JOIN measurements_reportedperiod AS a ON a.submission_id = b.accepted_id AND a.period_id = p.id
    LEFT JOIN measurements_reportedperiod AS l ON l.submission_id = b.live_id AND l.period_id = p.id
),
period_missing AS (
    SELECT p.*, greatest(p.slots - p.accepted - CASE WHEN p.live_status IN ('submitted', 'returned') THEN p.live ELSE 0 END, 0) AS missing
    FROM period_state AS p
),
month_count AS (
    SELECT p.contract_id, p.month,
        sum(p.slots)::int AS expected,
        coalesce(sum(p.missing) FILTER (WHERE p.overdue AND NOT p.runs), 0)::int AS late,
        coalesce(sum(p.live) FILTER (WHERE p.live_status = 'returned'), 0)::int AS returned,
        coalesce(sum(p.live) FILTER (WHERE p.live_status = 'submitted'), 0)::int AS submitted,
        coalesce(sum(p.missing) FILTER (WHERE NOT p.overdue AND NOT p.runs), 0)::int AS due,
        coalesce(sum(p.missing) FILTER (WHERE p.runs), 0)::int AS not_due,
        sum(p.accepted)::int AS accepted,
        coalesce(sum(p.live) FILTER (WHERE p.live_status = 'draft'), 0)::int AS drafted,
        min(p.due_on) FILTER (WHERE p.missing > 0) AS first_due_on, max(p.due_on) AS last_due_on, max(p.today) AS today
    FROM period_missing AS p
    GROUP BY p.contract_id, p.month
),
-- `state` is the most urgent that any slot is in, `due_on` the first day by which something is to be handed over: a return sets one of its own.
month_state AS MATERIALIZED (
    SELECT m.*, coalesce(b.revision, 0) AS revision, b.accepted_id, b.live_id, coalesce(b.live_status, '') AS live_status,
        least(m.first_due_on, b.due_again_on) AS due_on,
        coalesce(b.accepted_at, b.live_at) AS submitted_at,
        CASE WHEN m.late > 0 THEN 'late' WHEN m.returned > 0 THEN 'returned' WHEN m.submitted > 0 THEN 'submitted' WHEN m.due > 0 THEN 'due'
            WHEN m.not_due > 0 THEN 'not_due' ELSE 'accepted' END AS state
    FROM month_count AS m
    LEFT JOIN month_submission AS b ON b.contract_id = m.contract_id AND b.month = m.month
)
