-- Window rules of contracts that were judged since that were triggered and that nobody was notified of, or was told of and then that they hold no
-- longer; a rule that goes on holding is no news each month. Months that were over before the contract was kept here are told to nobody.
-- What the vendor is told (said_to_vendor) is a row of its own, since it leads somewhere else. Notices of before that were one for both sides.
WITH said AS (
    SELECT DISTINCT ON (n.base, s.to_vendor) n.base, s.to_vendor, e.kind
    FROM notifications_event AS e
    CROSS JOIN LATERAL (SELECT array_to_string((string_to_array(e.key, ':'))[1:5], ':') AS base) AS n
    JOIN (VALUES (false), (true)) AS s (to_vendor) ON e.vendor_id IS NOT NULL OR NOT s.to_vendor
    WHERE e.organisation_id = %(organisation)s AND e.kind IN ('rule', 'rule_withdrawn')
        AND split_part(e.key, ':', 2) = ANY (%(contracts)s::text[])
    ORDER BY n.base, s.to_vendor, e.id DESC
)
SELECT f.base || CASE WHEN side.to_vendor THEN ':vendor' ELSE '' END
        || CASE WHEN s.kind IS NULL THEN '' ELSE ':again:' || extract(epoch FROM %(now)s) END AS key,
    side.to_vendor, f.contract_id, f.reference, f.vendor_id, f.vendor, f.month, f.rule, f.service_level, f.then, (
        SELECT o.id FROM breaches_consequence AS o
        WHERE o.organisation_id = %(organisation)s AND o.contract_id = f.contract_id AND o.rule = f.rule AND o.since >= f.month
            AND o.service_level_id IS NOT DISTINCT FROM f.service_level_id
        ORDER BY o.since LIMIT 1
    ) AS item
FROM (
    SELECT concat_ws(':', 'rule', c.id, coalesce(f.service_level_id, 0), to_char(f.month, 'YYYY-MM'), md5(f.rule)) AS base,
        c.id AS contract_id, c.reference, c.vendor_id, v.name AS vendor, f.month, f.rule, coalesce(s.name, '') AS service_level, f.then,
        f.service_level_id
    FROM evaluation_triggeredrule AS f
    JOIN contracts_contract AS c ON c.organisation_id = f.organisation_id AND c.id = f.contract_id
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    LEFT JOIN slas_servicelevel AS s ON s.organisation_id = f.organisation_id AND s.id = f.service_level_id
    WHERE f.organisation_id = %(organisation)s AND f.contract_id = ANY (%(contracts)s) AND f.judged_at >= %(since)s
      AND f.month >= date_trunc('month', c.created_at AT TIME ZONE c.timezone)
      AND NOT EXISTS (
        SELECT FROM evaluation_triggeredrule AS b
        WHERE b.organisation_id = f.organisation_id AND b.contract_id = f.contract_id AND b.rule = f.rule
            AND b.service_level_id IS NOT DISTINCT FROM f.service_level_id AND b.month = (f.month - interval '1 month')::date
      )
) AS f
JOIN (VALUES (false), (true)) AS side (to_vendor) ON NOT side.to_vendor OR f.then = ANY (%(said_to_vendor)s)
LEFT JOIN said AS s ON s.base = f.base AND s.to_vendor = side.to_vendor
WHERE s.kind IS DISTINCT FROM 'rule'
ORDER BY key LIMIT %(limit)s
