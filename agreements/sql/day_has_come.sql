-- Revisions whose day has come on their contract's clock: those that both sides agreed to, and those on their way that are not dated back.
-- What has no day of its own, names for example, is in force as soon as it is agreed; so is another last day of the contract, since
-- everything else that is agreed hangs on how long it runs. What such a revision changes besides has its days in the contract.
SELECT r.id
FROM agreements_revision AS r
JOIN agreements_revisionedition AS e ON e.organisation_id = r.organisation_id AND e.revision_id = r.id AND e.number = r.edition
JOIN contracts_contract AS c ON c.organisation_id = r.organisation_id AND c.id = r.contract_id
WHERE r.organisation_id = %(organisation)s
  AND r.status IN ('submitted', 'approved', 'with_vendor', 'countered', 'consented')
  AND CASE r.status
    WHEN 'consented' THEN e.new_end IS NOT NULL OR coalesce(e.effective_on <= (%(now)s AT TIME ZONE c.timezone)::date, true)
    ELSE e.effective_on <= (%(now)s AT TIME ZONE c.timezone)::date AND NOT e.dated_back
  END
ORDER BY r.id
