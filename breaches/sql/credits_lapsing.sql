-- Credits that nobody has claimed and that lapse within two weeks, as far as nobody was notified: looked for once a night, with every other step.
-- A last day that a ruling has moved (credits/sql/cash.sql) is told of on its page.
SELECT m.key, m.contract_id, m.timezone, m.reference, m.vendor, m.month, m.amount, m.currency, m.minor_unit, m.last_day
FROM (
    SELECT concat_ws(':', 'lapses', c.id, l.month) AS key, c.id AS contract_id, c.reference, v.name AS vendor, l.month, sum(l.amount) AS amount,
        c.currency, c.minor_unit, c.timezone, (l.month + interval '1 month')::date - 1 + c.claim_within AS last_day
    FROM contracts_contract AS c
    JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
    JOIN breaches_ledgerentry AS l ON l.organisation_id = c.organisation_id AND l.contract_id = c.id
        AND (l.month + interval '1 month')::date - 1 + c.claim_within
            BETWEEN (%(now)s AT TIME ZONE c.timezone)::date AND (%(now)s AT TIME ZONE c.timezone)::date + 14
    WHERE c.organisation_id = %(organisation)s AND c.claim_within IS NOT NULL
    GROUP BY c.id, c.reference, v.name, l.month, c.currency, c.minor_unit, c.timezone, c.claim_within
    HAVING sum(l.amount) > 0
) AS m
WHERE NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = m.key)
  AND NOT EXISTS (
    SELECT FROM credits_creditclaim AS k WHERE k.organisation_id = %(organisation)s AND k.contract_id = m.contract_id AND k.month = m.month
        AND k.status IN ('claimed', 'approved'))
ORDER BY m.key LIMIT %(limit)s
