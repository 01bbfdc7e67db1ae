-- What rules gave a right to and can be used only a few days longer on the contract's day, undecided, as far as nobody was reminded.
SELECT o.key, o.id, o.rule, o.then, o.usable_until, c.id AS contract_id, c.timezone, c.reference, c.vendor_id, v.name AS vendor
FROM (
    SELECT concat_ws(':', 'right', q.id, 'ends', q.usable_until) AS key, q.*
    FROM breaches_consequence AS q
    WHERE q.organisation_id = %(organisation)s AND q.status = 'open' AND q.usable_until IS NOT NULL
) AS o
JOIN contracts_contract AS c ON c.organisation_id = %(organisation)s AND c.id = o.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
WHERE (%(now)s AT TIME ZONE c.timezone)::date BETWEEN o.usable_until - 14 AND o.usable_until
  AND NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = o.key)
ORDER BY o.key LIMIT %(limit)s
