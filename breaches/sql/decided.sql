-- Events that ask for a decision and need none any more: somebody decided, or the figures were submitted again, which is another event.
SELECT e.id
FROM notifications_event AS e
WHERE e.organisation_id = %(organisation)s AND e.kind = 'approval' AND e.decided_at IS NULL
  AND NOT EXISTS (
    SELECT FROM measurements_submission AS s
    WHERE s.organisation_id = %(organisation)s AND s.status = 'submitted'
        AND e.key = concat_ws(':', 'submission', s.id, s.status, extract(epoch FROM s.submitted_at))
  )
  AND NOT EXISTS (
    SELECT FROM breaches_waiverproposal AS w
    WHERE w.organisation_id = %(organisation)s AND w.status = 'proposed' AND e.key = concat_ws(':', 'waiver', w.id)
  )
  AND NOT EXISTS (
    SELECT FROM breaches_excusal AS x
    JOIN breaches_breach AS b ON b.organisation_id = x.organisation_id AND b.id = x.breach_id
    WHERE x.organisation_id = %(organisation)s AND x.status = 'proposed' AND b.status IN ('open', 'acknowledged', 'plan')
        AND e.key = concat_ws(':', 'excusal', x.id)
  )
  AND NOT EXISTS (
    SELECT FROM credits_creditclaim AS k
    WHERE k.organisation_id = %(organisation)s AND k.status = 'claimed' AND e.key = concat_ws(':', 'claim', k.id)
  )
ORDER BY e.id LIMIT %(limit)s
