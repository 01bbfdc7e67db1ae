-- The contracts as they are stored, for what is ahead of them in the month of `evaluation_window`: `account`, `credited` and `due` of that month,
-- which the judgement gives where months are computed again. CTEs only.

account AS MATERIALIZED (
    SELECT c.id AS contract_id, c.credits, c.rules, c.charges, q.since,
        date_trunc('month', c.starts_on)::date AS first_month, date_trunc('month', c.ends_on)::date AS last_month,
        date_trunc('month', q.from_on)::date AS from_month, date_trunc('month', q.from_on)::date AS until
    FROM evaluation_window AS q
    JOIN contracts_contract AS c ON c.id = q.contract_id AND c.id = ANY (%(contracts)s::bigint[])
),

stored_month AS MATERIALIZED (
    SELECT o.contract_id, o.month, o.credit, o.capped, o.trace
    FROM account AS a
    JOIN evaluation_month AS o ON o.contract_id = a.contract_id AND o.contract_id = ANY (%(contracts)s::bigint[])
        AND o.month BETWEEN least(a.since, a.from_month - interval '1 year') AND a.from_month
),

credited AS MATERIALIZED (
    SELECT o.contract_id, e.service_level_id, e.starts_on, e.counted, e.share
    FROM stored_month AS o
    CROSS JOIN LATERAL jsonb_to_recordset(o.trace -> 'counted') AS e (service_level_id bigint, starts_on date, counted numeric, share numeric)
),

due AS MATERIALIZED (
    SELECT m.contract_id, m.month, m.nth, v.clauses, m.charge, m.charge_12, m.charge_year, m.at_risk, m.at_risk_12, m.at_risk_year
    FROM account AS a
    JOIN month AS m ON m.contract_id = a.contract_id AND m.month = a.from_month
    JOIN credits_version AS v ON v.contract_id = m.contract_id AND v.version = m.version
)
