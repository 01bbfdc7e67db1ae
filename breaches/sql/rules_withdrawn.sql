-- Window rules of contracts that were judged since that people were told hold, and that hold no longer: a correction took them away. With
-- who was told, who are told this too.
SELECT l.base || CASE WHEN l.vendor_id IS NULL THEN '' ELSE ':vendor' END || ':withdrawn:' || extract(epoch FROM %(now)s) AS key,
    c.id AS contract_id, l.id AS event, l.title, l.detail, l.path, l.vendor_id,
    ARRAY(SELECT n.member_id FROM notifications_notification AS n
        WHERE n.organisation_id = %(organisation)s AND n.event_id = l.id ORDER BY n.member_id) AS members
FROM (
    SELECT DISTINCT ON (n.base, e.vendor_id) n.base, e.*
    FROM notifications_event AS e
    CROSS JOIN LATERAL (SELECT array_to_string((string_to_array(e.key, ':'))[1:5], ':') AS base) AS n
    WHERE e.organisation_id = %(organisation)s AND e.kind IN ('rule', 'rule_withdrawn')
        AND split_part(e.key, ':', 2) = ANY (%(contracts)s::text[])
    ORDER BY n.base, e.vendor_id, e.id DESC
) AS l
JOIN contracts_contract AS c ON c.organisation_id = %(organisation)s AND c.id::text = split_part(l.base, ':', 2)
WHERE l.kind = 'rule' AND NOT EXISTS (
    SELECT FROM evaluation_triggeredrule AS f
    WHERE f.organisation_id = %(organisation)s AND f.contract_id = c.id AND to_char(f.month, 'YYYY-MM') = split_part(l.base, ':', 4)
        AND coalesce(f.service_level_id, 0)::text = split_part(l.base, ':', 3) AND md5(f.rule) = split_part(l.base, ':', 5)
  )
ORDER BY key LIMIT %(limit)s
