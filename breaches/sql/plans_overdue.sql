-- Corrective plans that the vendor owes since their day has passed in the contract's time zone, as far as nobody was told.
SELECT p.key, p.due_on, p.breach_id, c.id AS contract_id, c.timezone, c.reference, c.vendor_id, v.name AS vendor
FROM (
    SELECT concat_ws(':', 'plan', p.id, 'overdue', p.due_on, p.decided_revision) AS key, p.due_on, p.contract_id,
        (SELECT min(b.id) FROM breaches_breach AS b WHERE b.organisation_id = p.organisation_id AND b.plan_id = p.id) AS breach_id
    FROM breaches_correctiveplan AS p
    WHERE p.organisation_id = %(organisation)s AND p.status IN ('asked', 'reopened')
      AND NOT EXISTS (
        SELECT FROM breaches_planproposal AS o
        WHERE o.organisation_id = p.organisation_id AND o.plan_id = p.id AND o.revision > p.decided_revision
      )
) AS p
JOIN contracts_contract AS c ON c.organisation_id = %(organisation)s AND c.id = p.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
WHERE p.due_on < (%(now)s AT TIME ZONE c.timezone)::date AND p.due_on >= (%(since)s AT TIME ZONE c.timezone)::date
  AND p.breach_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = p.key)
ORDER BY p.key LIMIT %(limit)s
