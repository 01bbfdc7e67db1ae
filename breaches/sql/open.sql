-- A breach for each result of the contracts that counts as a default and has none; found again at each run, so nothing is doubled.
-- Defaults of months before the contract was kept here (and before the last closed months of that day) are history: closed at once.
-- Returns how many there were, and the ids of those that are news.
WITH opened AS (
    INSERT INTO breaches_breach
        (organisation_id, vendor_id, contract_id, service_level_id, period_id, starts_on, month, status, opened_at,
        acknowledged_by_name, note)
    SELECT r.organisation_id, r.vendor_id, r.contract_id, r.service_level_id, r.period_id, r.starts_on, r.month,
        CASE WHEN h.history THEN 'closed' ELSE 'open' END, %(now)s, '',
        CASE WHEN h.history THEN %(history_note)s ELSE '' END
    FROM evaluation_result AS r
    JOIN contracts_contract AS c ON c.organisation_id = r.organisation_id AND c.id = r.contract_id
    JOIN contracts_period AS p ON p.organisation_id = r.organisation_id AND p.id = r.period_id
    CROSS JOIN LATERAL (
        SELECT r.month < date_trunc('month', c.created_at AT TIME ZONE c.timezone) - make_interval(months => %(news_months)s) AS history
    ) AS h
    WHERE r.organisation_id = %(organisation)s AND r.contract_id = ANY (%(contracts)s) AND r.streak > 0
      -- What was due before the contract was kept here could not be reported here: that nobody did is no breach.
      AND (r.submission_id IS NOT NULL OR p.due_on >= (c.created_at AT TIME ZONE c.timezone)::date)
      AND NOT EXISTS (
        SELECT FROM breaches_breach AS b
        WHERE b.organisation_id = r.organisation_id AND b.service_level_id = r.service_level_id AND b.starts_on = r.starts_on
      )
    ON CONFLICT (organisation_id, service_level_id, starts_on) DO NOTHING
    RETURNING id, status
)
SELECT count(*), coalesce(array_agg(id ORDER BY id) FILTER (WHERE status = 'open'), '{}') FROM opened
