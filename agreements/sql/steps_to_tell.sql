-- What happened to revisions lately, as far as nobody was told: each step is news once. A revision is called as in the edition that it
-- happened to: what the draft is called by now, its vendor does not read. What is submitted and sent back with many others is told once,
-- for all of them.
SELECT s.id, s.kind, s.text, s.by_id, s.by_name, s.from_vendor, s.edition, concat_ws(':', 'revision', s.id) AS key,
    r.id AS revision_id, r.number, r.author_id, r.shared, c.id AS contract_id, c.reference, c.vendor_id, v.name AS vendor,
    coalesce(n.title, d.title) AS title, n.new_end
FROM agreements_revisionstep AS s
JOIN agreements_revision AS r ON r.organisation_id = s.organisation_id AND r.id = s.revision_id
JOIN agreements_revisiondraft AS d ON d.organisation_id = r.organisation_id AND d.id = r.draft_id
LEFT JOIN agreements_revisionedition AS n
    ON n.organisation_id = s.organisation_id AND n.revision_id = s.revision_id AND n.number = s.edition
JOIN contracts_contract AS c ON c.organisation_id = r.organisation_id AND c.id = r.contract_id
JOIN organisations_vendor AS v ON v.organisation_id = c.organisation_id AND v.id = c.vendor_id
WHERE s.organisation_id = %(organisation)s AND s.at >= %(since)s AND s.kind NOT IN ('started', 'comment', 'approved')
  AND (s.kind <> 'reopened' OR r.shared)
  AND NOT (s.kind IN ('submitted', 'sent_back') AND EXISTS (
    SELECT FROM agreements_bulkrevisioncontract AS b
    WHERE b.organisation_id = s.organisation_id AND b.revision_id = s.revision_id AND b.edition = s.edition))
  AND NOT EXISTS (
    SELECT FROM notifications_event AS e WHERE e.organisation_id = %(organisation)s AND e.key = concat_ws(':', 'revision', s.id))
ORDER BY s.id LIMIT %(limit)s
