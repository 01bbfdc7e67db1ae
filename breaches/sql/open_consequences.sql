-- An item for each run of months in which a rule is triggered and that has none. Runs that were over before the contract was kept here (and
-- before the last closed months of that day) are history: nobody decides about them. A right can be used for so many days from the day on
-- which it is found. Follows rule_runs.sql. Parameters beside its own: now, news_months.
, opened AS (
    INSERT INTO breaches_consequence
        (organisation_id, vendor_id, contract_id, rule, service_level_id, "then", since, last_month, measured, opened_at, usable_until,
        status, reason, decided_by_name)
    SELECT r.organisation_id, r.vendor_id, r.contract_id, r.rule, r.service_level_id, r.then, r.since, r.last_month, r.measured, %(now)s,
        (%(now)s AT TIME ZONE c.timezone)::date + (
            SELECT max((e.rule ->> 'expires_after')::int) FROM jsonb_array_elements(c.rules) AS e (rule) WHERE e.rule ->> 'name' = r.rule),
        'open', '', ''
    FROM run AS r
    JOIN contracts_contract AS c ON c.organisation_id = r.organisation_id AND c.id = r.contract_id
    WHERE r.last_month >= date_trunc('month', c.created_at AT TIME ZONE c.timezone) - make_interval(months => %(news_months)s)
      AND NOT EXISTS (
        SELECT FROM breaches_consequence AS o
        WHERE o.organisation_id = r.organisation_id AND o.contract_id = r.contract_id AND o.rule = r.rule
            AND o.service_level_id IS NOT DISTINCT FROM r.service_level_id AND o.since BETWEEN r.since AND r.last_month
      )
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT count(*) FROM opened
