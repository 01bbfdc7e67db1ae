-- Contracts that end soon on their own clock, of which nobody was told for that last day, and about which nothing is being agreed: a renewal
-- or another end that is under way needs no reminder, nor does an early end that was agreed.
SELECT concat_ws(':', 'ends', c.id, c.ends_on) AS key, c.id AS contract_id, c.reference, c.title, c.ends_on, v.name AS vendor,
    c.ends_on - (%(now)s AT TIME ZONE c.timezone)::date AS days
FROM contracts_contract AS c
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
WHERE c.organisation_id = %(organisation)s AND c.agreed
  AND (%(now)s AT TIME ZONE c.timezone)::date BETWEEN c.ends_on - {soon} AND c.ends_on
  AND c.starts_on < c.ends_on - {soon}  -- one that is shorter than that ends as it began: everybody knows
  AND NOT EXISTS (
    SELECT FROM agreements_revision AS r
    JOIN agreements_revisionedition AS n ON n.organisation_id = r.organisation_id AND n.revision_id = r.id AND n.number = r.edition
    WHERE r.organisation_id = %(organisation)s AND r.contract_id = c.id AND n.new_end IS NOT NULL
      AND (r.status IN ('submitted', 'approved', 'with_vendor', 'countered', 'consented')
        OR r.status = 'in_force' AND n.new_end = c.ends_on AND n.effective_on > n.new_end))
  AND NOT EXISTS (
    SELECT FROM notifications_event AS e
    WHERE e.organisation_id = %(organisation)s AND e.key = concat_ws(':', 'ends', c.id, c.ends_on))
ORDER BY c.ends_on, c.id LIMIT %(limit)s
