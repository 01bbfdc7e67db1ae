-- 15. Caps of the month's version: each as an amount; of several over the same span the lowest. A share of charges or of amounts at risk is
-- taken of each month's own, whatever its version. CTEs only; reads `due`.
cap AS MATERIALIZED (
    SELECT d.contract_id, d.month,
        min(l.amount) FILTER (WHERE l.over = 'month') AS in_month,
        min(l.amount) FILTER (WHERE l.over = 'rolling_12') AS in_12,
        min(l.amount) FILTER (WHERE l.over = 'contract_year') AS in_year,
        jsonb_agg(json_object('over': l.over, 'limit': l.amount ABSENT ON NULL RETURNING jsonb) ORDER BY l.n) AS list
    FROM due AS d
    CROSS JOIN LATERAL jsonb_array_elements(d.clauses -> 'caps') WITH ORDINALITY AS e (cap, n)
    CROSS JOIN LATERAL (
        SELECT e.n, e.cap ->> 'over' AS over, coalesce((e.cap ->> 'amount')::numeric,
            CASE WHEN e.cap ->> 'percent_of' = 'at_risk'
                THEN CASE e.cap ->> 'over' WHEN 'month' THEN d.at_risk WHEN 'rolling_12' THEN d.at_risk_12 ELSE d.at_risk_year END
                ELSE CASE e.cap ->> 'over' WHEN 'month' THEN d.charge WHEN 'rolling_12' THEN d.charge_12 ELSE d.charge_year END
            END * (e.cap ->> 'value')::numeric * 0.01) AS amount
    ) AS l
    GROUP BY d.contract_id, d.month
)
