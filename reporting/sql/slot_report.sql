-- What the answer to one row of a month shows beside figures: short lists, each as JSON; those of month_report.sql that it needs, and of the results
-- the last one before the month alone. At the end, as texts, what the series of figures look back on: accepted submissions, and the minutes
-- of periods. Parameters: contract, month (first day), service_level.

SELECT
    (SELECT json_agg(k ORDER BY k.position)::text FROM kras_kra AS k WHERE k.contract_id = %(contract)s),
    (
        SELECT json_agg(a)::text FROM slas_servicelevel AS s JOIN slas_alignment AS a ON a.service_level_id = s.id
        WHERE s.contract_id = %(contract)s
    ),
    (
        SELECT json_agg(to_jsonb(l) - 'trace' || jsonb_build_object('accepted', NULL))::text
        FROM (
            SELECT r.* FROM evaluation_result AS r
            WHERE r.service_level_id = %(service_level)s AND r.month < %(month)s AND r.outcome <> 'pending' ORDER BY r.starts_on DESC LIMIT 1
        ) AS l
    ),
    (
        SELECT coalesce(string_agg(b.id::text, ' ' ORDER BY b.id), '-') FROM measurements_submission AS b
        WHERE b.contract_id = %(contract)s AND b.status = 'accepted' AND b.month <= %(month)s
    ),
    (SELECT coalesce(sum(p.minutes), 0) || ' ' || coalesce(sum(p.working_minutes), 0) FROM contracts_period AS p WHERE p.contract_id = %(contract)s)
