-- What a submission reports, slot by slot, and what was accepted for the same service levels in the months up to its own: summed over parts.
-- Parameters: submission, contract, since and month (first days).

SELECT f.service_level_id, b.id = %(submission)s AS own, p.starts_on, p.label, p.minutes, p.working_minutes, count(*),
    sum(f.numerator), sum(f.denominator), sum(f.value), sum(f.downtime), sum(f.maintenance), sum(f.relieved)
FROM measurements_submission AS b
JOIN measurements_figure AS f ON f.submission_id = b.id
JOIN contracts_period AS p ON p.id = f.period_id
WHERE b.contract_id = %(contract)s AND (b.id = %(submission)s
    OR (b.status = 'accepted' AND b.month BETWEEN %(since)s AND %(month)s
        AND f.service_level_id IN (SELECT o.service_level_id FROM measurements_figure AS o WHERE o.submission_id = %(submission)s)))
GROUP BY f.service_level_id, own, p.id
ORDER BY p.starts_on
