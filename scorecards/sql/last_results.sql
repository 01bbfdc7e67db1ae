-- Of each service level of some contracts the last results up to a month, the oldest first, with their periods.
-- Parameters: contracts, month, count.

SELECT r.id AS pk, r.service_level_id, r.terms_id, r.starts_on, r.month, r.outcome, r.value, r.consecutive_defaults, r.revision, r.numerator, r.denominator,
    p.cycle, p.label, p.ends_on, p.due_on,
    -- First figures that came late restate nothing: before them there was no result.
    r.revision > 1 AND EXISTS (
        SELECT FROM evaluation_pastresult AS former
        WHERE former.service_level_id = r.service_level_id AND former.starts_on = r.starts_on
            AND former.outcome NOT IN ('pending', 'not_measured')
    ) AS restated
FROM (
    SELECT x.*, row_number() OVER (PARTITION BY x.service_level_id ORDER BY x.starts_on DESC) AS nth
    FROM evaluation_result AS x
    WHERE x.contract_id = ANY (%(contracts)s) AND x.month <= %(month)s
) AS r
JOIN contracts_period AS p ON p.id = r.period_id
WHERE r.nth <= %(count)s
ORDER BY r.service_level_id, r.starts_on
