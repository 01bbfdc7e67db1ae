-- What a vendor's people have to answer or to know besides figures, of the scope they read in: plans asked for, breaches without one, disputes
-- and relief in which the client wrote last, revisions that wait for their consent, published months without an answer.
-- Kind, id, what it is about, how many of it, contract, month, the day until which, and who wrote last, or of a breach whether the vendor did.
SELECT 'plan', p.id, min(s.name), count(*), p.contract_id, min(b.month), p.due_on, ''
FROM breaches_correctiveplan AS p
JOIN breaches_breach AS b ON b.plan_id = p.id
JOIN slas_servicelevel AS s ON s.id = b.service_level_id
WHERE p.status IN ('asked', 'reopened')
    AND NOT EXISTS (SELECT FROM breaches_planproposal AS q WHERE q.plan_id = p.id AND q.revision > p.decided_revision)
GROUP BY p.id, p.contract_id, p.due_on
UNION ALL
SELECT 'breach', b.id, s.name, 1, b.contract_id, b.month, NULL, CASE WHEN (
        SELECT e.from_vendor FROM breaches_threadentry AS e
        WHERE e.breach_id = b.id AND e.kind IN ('message', 'opened_again') ORDER BY e.at DESC, e.id DESC LIMIT 1) THEN 'answered' ELSE '' END
FROM breaches_breach AS b
JOIN slas_servicelevel AS s ON s.id = b.service_level_id
WHERE b.status = ANY (%(live)s) AND b.plan_id IS NULL
UNION ALL
SELECT h.kind, h.id, s.name, 1, h.contract_id, h.month, h.answer_by, last.by_name
FROM (
    SELECT 'dispute' AS kind, id, service_level_id, contract_id, month, answer_by FROM disputes_dispute WHERE status = 'open'
    UNION ALL
    SELECT 'relief-request', id, service_level_id, contract_id, month, answer_by FROM disputes_reliefrequest WHERE status = 'open'
) AS h
JOIN slas_servicelevel AS s ON s.id = h.service_level_id
CROSS JOIN LATERAL (
    SELECT e.from_vendor, e.kind, e.by_name FROM disputes_hearingentry AS e
    WHERE (h.kind = 'dispute' AND e.dispute_id = h.id OR h.kind = 'relief-request' AND e.relief_request_id = h.id) AND e.by_id IS NOT NULL
    ORDER BY e.id DESC LIMIT 1
) AS last
WHERE last.kind = 'message' AND NOT last.from_vendor
UNION ALL
SELECT 'revision', r.id, e.title, r.number, r.contract_id, NULL, e.effective_on, ''
FROM agreements_revision AS r
JOIN agreements_revisionedition AS e ON e.revision_id = r.id AND e.number = r.edition
WHERE r.status = 'with_vendor'
UNION ALL
SELECT 'published', u.id, u.score::text, u.edition, u.contract_id, u.month, u.answer_by, ''
FROM (
    SELECT DISTINCT ON (contract_id, month) id, score, edition, contract_id, month, answer_by
    FROM scorecards_publication WHERE answer_by >= %(today)s ORDER BY contract_id, month, edition DESC
) AS u
WHERE NOT EXISTS (SELECT FROM scorecards_publicationacceptance AS a WHERE a.publication_id = u.id)
ORDER BY 7 NULLS LAST, 1, 2
