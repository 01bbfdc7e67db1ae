-- What happened in a contract's month: its breaches, the rules that hold, what was done with its submissions, what was restated, and its
-- editions, with whether the month's numbers have changed since; which results are disputed, and of which figures relief is asked for, by slot;
-- whether figures of it wait for a decision, how many breaches of the contract are live today, and in which submissions there are figures of
-- which service levels for a period that runs.
-- Parameters: contract, month, live (statuses), today (null: the month does not run).

SELECT 'breach' AS kind, b.id AS pk, b.service_level_id, b.opened_at AS at, b.acknowledged_at AS answered_at, b.acknowledged_by_name AS who,
    b.status AS what, CASE b.status WHEN 'plan' THEN p.status ELSE '' END AS why, NULL::numeric AS number, NULL::date AS cause
FROM breaches_breach AS b
LEFT JOIN breaches_correctiveplan AS p ON p.id = b.plan_id
WHERE b.contract_id = %(contract)s AND b.month = %(month)s
UNION ALL
SELECT 'rule', f.id, f.service_level_id, f.judged_at, NULL, '', f.rule, '', f.measured, NULL
FROM evaluation_triggeredrule AS f
WHERE f.contract_id = %(contract)s AND f.month = %(month)s
UNION ALL
SELECT 'step', t.id, NULL, t.at, NULL, t.by_name, t.kind, t.reason, b.revision, NULL
FROM measurements_submission AS b
JOIN measurements_step AS t ON t.submission_id = b.id
WHERE b.contract_id = %(contract)s AND b.month = %(month)s
UNION ALL
SELECT 'restatement', min(p.id), NULL, p.restated_at, NULL, '', '', p.restated_because, count(*), c.month
FROM evaluation_pastresult AS p
LEFT JOIN evaluation_result AS c ON c.service_level_id = p.service_level_id AND c.starts_on = p.follows_from
WHERE p.contract_id = %(contract)s AND p.month = %(month)s
GROUP BY p.restated_at, p.restated_because, c.month
UNION ALL
SELECT 'edition', p.id, NULL, p.at, NULL, p.by_name,
    CASE WHEN (s.score, m.points, m.credit - m.earned_back) IS DISTINCT FROM (p.score, p.points, p.credit) THEN 'changed' ELSE '' END, '',
    p.edition, NULL
FROM scorecards_publication AS p
LEFT JOIN scorecards_scorecard AS s ON s.contract_id = p.contract_id AND s.month = p.month
LEFT JOIN evaluation_month AS m ON m.contract_id = p.contract_id AND m.month = p.month
WHERE p.contract_id = %(contract)s AND p.month = %(month)s
UNION ALL
SELECT 'dispute', d.id, d.service_level_id, NULL, NULL, '', '', '', NULL, p.starts_on
FROM disputes_dispute AS d
JOIN contracts_period AS p ON p.id = d.period_id
WHERE d.contract_id = %(contract)s AND d.month = %(month)s AND d.status = 'open'
UNION ALL
SELECT 'relief', r.id, r.service_level_id, NULL, NULL, '', '', '', NULL, p.starts_on
FROM disputes_reliefrequest AS r
JOIN contracts_period AS p ON p.id = r.period_id
WHERE r.contract_id = %(contract)s AND r.month = %(month)s AND r.status = 'open'
UNION ALL
SELECT DISTINCT 'reported', b.id, f.service_level_id, b.saved_at, b.decided_at, CASE WHEN b.by_vendor THEN 'vendor' ELSE '' END, b.status, '',
    b.revision::numeric, p.starts_on
FROM measurements_submission AS b
JOIN measurements_figure AS f ON f.submission_id = b.id
JOIN contracts_period AS p ON p.id = f.period_id
WHERE b.contract_id = %(contract)s AND b.month >= date_trunc('month', %(today)s::date)::date AND b.status <> 'superseded'
    AND %(today)s::date BETWEEN p.starts_on AND p.ends_on
UNION ALL
SELECT 'waiting', NULL, NULL, NULL, NULL, '', '', '', count(*), NULL
FROM measurements_submission AS b
WHERE b.contract_id = %(contract)s AND b.month = %(month)s AND b.status = 'submitted'
UNION ALL
SELECT 'live', NULL, NULL, NULL, NULL, '', '', '', count(*), NULL
FROM breaches_breach AS b
WHERE b.contract_id = %(contract)s AND b.status = ANY (%(live)s)
ORDER BY kind, at, pk
