-- The items of contracts that were judged since: which hold no longer, which hold again, and which counted on. Follows rule_runs.sql.
SELECT o.id, o.status, r.last_month, r.measured
FROM breaches_consequence AS o
LEFT JOIN run AS r ON r.organisation_id = o.organisation_id AND r.contract_id = o.contract_id AND r.rule = o.rule
    AND r.service_level_id IS NOT DISTINCT FROM o.service_level_id AND o.since BETWEEN r.since AND r.last_month
WHERE o.organisation_id = %(organisation)s AND o.contract_id = ANY (%(contracts)s)
  AND CASE WHEN r.rule IS NULL THEN o.status <> 'withdrawn'
      ELSE o.status = 'withdrawn' OR (o.last_month, o.measured) IS DISTINCT FROM (r.last_month, r.measured) END
ORDER BY o.id
