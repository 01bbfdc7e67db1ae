-- Window rules of contracts that were judged since that were triggered and that nobody was notified of; a rule that goes on holding is no news each month.
SELECT f.key, f.contract_id, f.reference, f.vendor_id, f.vendor, f.month, f.rule, f.service_level, f.then
FROM (
    SELECT concat_ws(':', 'rule', c.id, coalesce(f.service_level_id, 0), to_char(f.month, 'YYYY-MM'), md5(f.rule)) AS key,
        c.id AS contract_id, c.reference, c.vendor_id, v.name AS vendor, f.month, f.rule, coalesce(s.name, '') AS service_level, f.then
    FROM evaluation_triggeredrule AS f
    JOIN contracts_contract AS c ON c.organisation_id = f.organisation_id AND c.id = f.contract_id
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    LEFT JOIN slas_servicelevel AS s ON s.organisation_id = f.organisation_id AND s.id = f.service_level_id
    WHERE f.organisation_id = %(organisation)s AND f.contract_id = ANY (%(contracts)s) AND f.judged_at >= %(since)s
      AND f.month >= date_trunc('month', c.created_at AT TIME ZONE c.timezone) - make_interval(months => %(news_months)s)
      AND NOT EXISTS (
        SELECT FROM evaluation_triggeredrule AS b
        WHERE b.organisation_id = f.organisation_id AND b.contract_id = f.contract_id AND b.rule = f.rule
            AND b.service_level_id IS NOT DISTINCT FROM f.service_level_id AND b.month = (f.month - interval '1 month')::date
      )
) AS f
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = f.key)
ORDER BY f.key LIMIT %(limit)s
