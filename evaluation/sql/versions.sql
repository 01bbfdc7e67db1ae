-- What a contract says of charges and credits, month by month. CTEs only; reads `account`.

-- The versions of charges and credits, each unpacked once, with its first month and that of the next one. A month belongs to the version in
-- force on its last day; a version begins with a month, the first one with the contract.
charges_version AS MATERIALIZED (
    SELECT a.contract_id, e.clauses, date_trunc('month', (e.clauses ->> 'from')::date)::date AS begins,
        coalesce(lead((e.clauses ->> 'from')::date) OVER (PARTITION BY a.contract_id ORDER BY e.n), 'infinity') AS ends
    FROM account AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.charges) WITH ORDINALITY AS e (clauses, n)
),

credits_version AS MATERIALIZED (
    SELECT a.contract_id, e.n AS version, e.clauses, date_trunc('month', (e.clauses ->> 'from')::date)::date AS begins,
        coalesce(lead((e.clauses ->> 'from')::date) OVER (PARTITION BY a.contract_id ORDER BY e.n), 'infinity') AS ends,
        coalesce((e.clauses ->> 'one_per_incident')::boolean, false) AS one_per_incident,
        (e.clauses #>> '{point,amount}')::numeric AS point_amount,
        e.clauses #>> '{point,percent_of}' AS point_of,
        (e.clauses #>> '{point,value}')::numeric AS point_value,
        coalesce((e.clauses ->> 'at_risk_percent')::numeric, 0) AS at_risk_percent,
        coalesce(e.clauses #>> '{tariff,kind}', 'linear') AS tariff,
        coalesce((e.clauses ->> 'minimum')::numeric, 0) AS minimum,
        (e.clauses #>> '{earn_back,after}')::int AS earn_after,
        coalesce((e.clauses #>> '{earn_back,yearly_average}')::boolean, false) AS earn_yearly
    FROM account AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.credits) WITH ORDINALITY AS e (clauses, n)
),

-- Every month of the contract with its version of the credits and what caps are computed from; `nth` counts from 0, contract years are
-- twelve of them.
month AS MATERIALIZED (
    SELECT m.*,
        sum(m.charge) OVER recent AS charge_12, sum(m.charge) OVER years AS charge_year,
        sum(m.at_risk) OVER recent AS at_risk_12, sum(m.at_risk) OVER years AS at_risk_year
    FROM (
        SELECT a.contract_id, g.month, g.nth, h.charge, coalesce(h.charge * v.at_risk_percent * 0.01, 0) AS at_risk, v.version,
            coalesce(v.one_per_incident, false) AS one_per_incident, v.earn_after, coalesce(v.earn_yearly, false) AS earn_yearly
        FROM account AS a
        CROSS JOIN LATERAL (
            SELECT s.month::date AS month, s.n::int - 1 AS nth
            FROM generate_series(a.first_month::timestamp, a.last_month::timestamp, '1 month') WITH ORDINALITY AS s (month, n)
        ) AS g
        LEFT JOIN charges_version AS p ON p.contract_id = a.contract_id AND g.month >= p.begins AND g.month < p.ends
        LEFT JOIN credits_version AS v ON v.contract_id = a.contract_id AND g.month >= v.begins AND g.month < v.ends
        CROSS JOIN LATERAL (
            SELECT coalesce(CASE WHEN p.clauses ? 'months' THEN p.clauses #>> ARRAY['months', to_char(g.month, 'YYYY-MM')]
                ELSE p.clauses ->> 'monthly' END, '0')::numeric AS charge
        ) AS h
    ) AS m
    WINDOW recent AS (PARTITION BY m.contract_id ORDER BY m.month ROWS 11 PRECEDING), years AS (PARTITION BY m.contract_id, m.nth / 12)
)
