-- What a submission reports, slot by slot, and what was accepted for the same service levels in the months up to its own: summed over parts, and
-- of each service level one JSON text. Parameters: submission, contract, since and month (first days), levels (of these alone; null: of all).

SELECT s.service_level_id, json_agg(json_build_array(s.own, s.starts_on, s.label, s.minutes, s.working_minutes, s.parts,
    s.numerator::text, s.denominator::text, s.value::text, s.downtime::text, s.maintenance::text, s.relieved::text) ORDER BY s.starts_on, s.own)::text
FROM (
    SELECT f.service_level_id, b.id = %(submission)s AS own, p.starts_on, p.label, p.minutes, p.working_minutes, count(*) AS parts,
        sum(f.numerator) AS numerator, sum(f.denominator) AS denominator, sum(f.value) AS value, sum(f.downtime) AS downtime,
        sum(f.maintenance) AS maintenance, sum(f.relieved) AS relieved
    FROM measurements_submission AS b
    JOIN measurements_figure AS f ON f.submission_id = b.id
    JOIN contracts_period AS p ON p.id = f.period_id
    WHERE b.contract_id = %(contract)s AND (%(levels)s::bigint[] IS NULL OR f.service_level_id = ANY (%(levels)s::bigint[])) AND (b.id = %(submission)s
        OR (b.status = 'accepted' AND b.month BETWEEN %(since)s AND %(month)s
            AND f.service_level_id IN (SELECT o.service_level_id FROM measurements_figure AS o WHERE o.submission_id = %(submission)s)))
    GROUP BY f.service_level_id, own, p.id
) AS s
GROUP BY s.service_level_id
