-- What there is to a submission's month: when it was first published, and short lists, each as JSON. Parameters: submission, contract, month
-- (first day), revision.

SELECT
    (SELECT min(p.at) FROM scorecards_publication AS p WHERE p.contract_id = %(contract)s AND p.month = %(month)s),
    (SELECT json_agg(t ORDER BY t.at DESC, t.id DESC)::text FROM measurements_step AS t WHERE t.submission_id = %(submission)s),
    (SELECT json_agg(b ORDER BY b.revision)::text FROM measurements_submission AS b WHERE b.contract_id = %(contract)s AND b.month = %(month)s),
    (SELECT json_agg(p ORDER BY p.starts_on)::text FROM contracts_period AS p WHERE p.contract_id = %(contract)s AND p.month = %(month)s),
    (SELECT json_agg(k ORDER BY k.position)::text FROM kras_kra AS k WHERE k.contract_id = %(contract)s),
    (
        SELECT json_agg(a)::text FROM slas_servicelevel AS s JOIN slas_alignment AS a ON a.service_level_id = s.id
        WHERE s.contract_id = %(contract)s
    ),
    -- Each file with what it replaces, whether it is replaced (by a correction's once that is handed over), and where the same file, byte by byte, was evidence before: for an earlier
    -- month; or attached before it, for any other month or contract, or for another figure of the same submission.
    (
        SELECT json_agg(f ORDER BY f.added_at, f.id)::text
        FROM (
            SELECT e.*,
                (SELECT o.name FROM measurements_evidence AS o WHERE o.id = e.replaces_id) AS replaces_name,
                EXISTS (
                    SELECT FROM measurements_evidence AS o JOIN measurements_submission AS b ON b.id = o.submission_id
                    WHERE o.replaces_id = e.id AND (b.id = e.submission_id OR b.status IN ('submitted', 'accepted', 'superseded'))
                ) AS replaced,
                (
                    SELECT json_build_array(b.month, CASE WHEN b.contract_id <> %(contract)s THEN c.reference ELSE '' END, coalesce(l.name, ''),
                        b.id = e.submission_id)
                    FROM measurements_evidence AS o
                    JOIN measurements_submission AS b ON b.id = o.submission_id
                    JOIN contracts_contract AS c ON c.id = b.contract_id
                    LEFT JOIN slas_servicelevel AS l ON l.id = o.service_level_id
                    WHERE e.state = 'stored' AND o.sha256 = e.sha256 AND o.state = 'stored' AND (
                        (b.contract_id = %(contract)s AND b.month < %(month)s)
                        OR (o.id < e.id AND (b.contract_id <> %(contract)s OR b.month > %(month)s))
                        OR (o.id < e.id AND b.id = e.submission_id AND o.service_level_id IS DISTINCT FROM e.service_level_id))
                    ORDER BY b.contract_id <> %(contract)s, b.id = e.submission_id, b.month DESC, o.id DESC LIMIT 1
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
    -- Of each service level the last result before the month, with the figures that were accepted for it.
    (
        SELECT json_agg(to_jsonb(l) - 'trace' || jsonb_build_object('accepted', (
            SELECT jsonb_agg(to_jsonb(f) ORDER BY f.part) FROM measurements_figure AS f
            JOIN measurements_submission AS b ON b.id = f.submission_id AND b.status = 'accepted'
            WHERE f.service_level_id = l.service_level_id AND f.period_id = l.period_id)))::text
        FROM slas_servicelevel AS s
        CROSS JOIN LATERAL (
            SELECT r.* FROM evaluation_result AS r
            WHERE r.service_level_id = s.id AND r.month < %(month)s AND r.outcome <> 'pending' ORDER BY r.starts_on DESC LIMIT 1
        ) AS l
        WHERE s.contract_id = %(contract)s
    ),
    -- The evidence of earlier revisions that nothing has replaced yet.
    (
        SELECT json_agg(e ORDER BY b.revision DESC, e.added_at, e.id)::text
        FROM measurements_submission AS b JOIN measurements_evidence AS e ON e.submission_id = b.id
        WHERE b.contract_id = %(contract)s AND b.month = %(month)s AND b.revision < %(revision)s AND e.state = 'stored'
            AND NOT EXISTS (SELECT FROM measurements_evidence AS o WHERE o.replaces_id = e.id)
    )
