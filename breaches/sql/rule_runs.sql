-- Of contracts that were judged since, each rule that is triggered, with the months in a row in which it is: `run`.
-- Parameters: organisation, contracts.

marked AS (
    SELECT f.*, f.month - make_interval(months => (row_number() OVER (
        PARTITION BY f.contract_id, f.rule, f.service_level_id ORDER BY f.month))::int) AS island
    FROM evaluation_triggeredrule AS f
    WHERE f.organisation_id = %(organisation)s AND f.contract_id = ANY (%(contracts)s)
),
run AS (
    SELECT m.organisation_id, m.vendor_id, m.contract_id, m.rule, m.service_level_id, max(m.then) AS then,
        min(m.month) AS since, max(m.month) AS last_month, (array_agg(m.measured ORDER BY m.month DESC))[1] AS measured
    FROM marked AS m
    GROUP BY m.organisation_id, m.vendor_id, m.contract_id, m.rule, m.service_level_id, m.island
)
