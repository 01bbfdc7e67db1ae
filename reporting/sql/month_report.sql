-- What there is to a submission's month: short lists, each as JSON. Parameters: submission, contract, month (first day), revision.

SELECT
    (SELECT json_agg(t ORDER BY t.at DESC, t.id DESC)::text FROM measurements_step AS t WHERE t.submission_id = %(submission)s),
    (SELECT json_agg(b ORDER BY b.revision)::text FROM measurements_submission AS b WHERE b.contract_id = %(contract)s AND b.month = %(month)s),
    (SELECT json_agg(p ORDER BY p.starts_on)::text FROM contracts_period AS p WHERE p.contract_id = %(contract)s AND p.month = %(month)s),
    (SELECT json_agg(k ORDER BY k.position)::text FROM kras_kra AS k WHERE k.contract_id = %(contract)s),
    (
        SELECT json_agg(a)::text FROM slas_servicelevel AS s JOIN slas_alignment AS a ON a.service_level_id = s.id
        WHERE s.contract_id = %(contract)s
    ),
    -- Each file with the latest earlier month of the contract whose evidence was the same file, byte by byte.
    (
        SELECT json_agg(f ORDER BY f.added_at, f.id)::text
        FROM (
            SELECT e.*, (
                SELECT max(b.month) FROM measurements_evidence AS o JOIN measurements_submission AS b ON b.id = o.submission_id
                WHERE e.state = 'stored' AND o.sha256 = e.sha256 AND o.state = 'stored' AND b.contract_id = %(contract)s AND b.month < %(month)s
            ) AS seen
            FROM measurements_evidence AS e WHERE e.submission_id = %(submission)s AND e.state <> 'pending'
        ) AS f
    ),
    -- Its figures, and those of the revision before it.
    (
        SELECT json_agg(f ORDER BY f.part, f.id)::text FROM measurements_figure AS f
        WHERE f.submission_id = %(submission)s OR f.submission_id = (
            SELECT b.id FROM measurements_submission AS b
            WHERE b.contract_id = %(contract)s AND b.month = %(month)s AND b.revision < %(revision)s ORDER BY b.revision DESC LIMIT 1)
    ),
    (
        SELECT json_agg(to_jsonb(r) - 'trace')::text FROM evaluation_result AS r
        WHERE r.contract_id = %(contract)s AND r.month = %(month)s AND r.outcome <> 'pending'
    ),
    -- Of each service level the last result before the month.
    (
        SELECT json_agg(to_jsonb(l) - 'trace')::text
        FROM slas_servicelevel AS s
        CROSS JOIN LATERAL (
            SELECT r.* FROM evaluation_result AS r
            WHERE r.service_level_id = s.id AND r.month < %(month)s AND r.outcome <> 'pending' ORDER BY r.starts_on DESC LIMIT 1
        ) AS l
        WHERE s.contract_id = %(contract)s
    )
