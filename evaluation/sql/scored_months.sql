-- The months to score after they were computed: for a preview or a replay. Reads `account`, `month` and `open_month`.

scored_month AS MATERIALIZED (
    SELECT a.contract_id, a.vendor_id, m.month, p.month IS NOT NULL AS provisional
    FROM account AS a
    JOIN month AS m ON m.contract_id = a.contract_id AND m.month BETWEEN a.from_month AND a.until
    LEFT JOIN open_month AS p ON p.contract_id = m.contract_id AND p.month = m.month
)
