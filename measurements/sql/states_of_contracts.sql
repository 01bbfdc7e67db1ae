-- The months of some contracts, with when their first revision was submitted. Follows the steps of month_states.sql.

SELECT s.contract_id, s.month, s.late, s.returned, s.submitted, s.due, s.not_due, s.accepted, s.drafted, s.due_on, s.last_due_on,
    s.live_id, s.live_status, s.accepted_id, s.revision, s.submitted_at,
    -- Of a submission that was returned, when it was first submitted decides whether it was late: what follows has a reason of its own.
    (least(b.submitted_at, (
        SELECT min(sent.at) FROM measurements_step AS sent
        JOIN measurements_step AS back ON back.submission_id = sent.submission_id AND back.kind = 'returned' AND back.at >= sent.at
        WHERE sent.submission_id = b.id AND sent.kind = 'submitted'
    )) AT TIME ZONE c.timezone)::date AS first_sent_on
FROM month_state AS s
JOIN contracts_contract AS c ON c.id = s.contract_id
LEFT JOIN measurements_submission AS b ON b.contract_id = s.contract_id AND b.month = s.month AND b.revision = 1
