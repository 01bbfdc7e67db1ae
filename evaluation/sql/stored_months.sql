-- The months to score: those that stand judged from the day asked on, and the judgements in them. CTEs only.
-- Parameters: contracts, from_on (arrays of equal length).

requested AS MATERIALIZED (
    SELECT q.contract_id, date_trunc('month', q.from_on)::date AS month
    FROM unnest(%(contracts)s::bigint[], %(from_on)s::date[]) AS q (contract_id, from_on)
),

windowed_result AS MATERIALIZED (
    SELECT r.contract_id, r.service_level_id, r.month, r.outcome, r.score, r.band IS NOT NULL AS measured
    FROM requested AS q
    JOIN evaluation_result AS r ON r.contract_id = q.contract_id AND r.month >= q.month
        AND r.contract_id = ANY (%(contracts)s::bigint[]) AND r.month >= (SELECT min(x.month) FROM requested AS x)
),

scored_month AS MATERIALIZED (
    SELECT m.contract_id, m.vendor_id, m.month, p.month IS NOT NULL AS provisional, m.judged_at
    FROM requested AS q
    JOIN evaluation_month AS m ON m.contract_id = q.contract_id AND m.month >= q.month
        AND m.contract_id = ANY (%(contracts)s::bigint[]) AND m.month >= (SELECT min(x.month) FROM requested AS x)
    LEFT JOIN (SELECT DISTINCT r.contract_id, r.month FROM windowed_result AS r WHERE r.outcome = 'pending') AS p
        ON p.contract_id = m.contract_id AND p.month = m.month
)
