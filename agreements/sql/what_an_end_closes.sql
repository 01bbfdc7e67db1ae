-- What is open of a contract that is to end on a day: one row of each thing, with its kind. Whoever asks finds what they may see.
-- Parameters: contract, last (the day), but (a revision that is not listed, or null), limit (of each kind).
WITH accepted AS (
    SELECT r.period_id, max(r.slots) AS slots
    FROM measurements_submission AS b
    JOIN measurements_reportedperiod AS r ON r.submission_id = b.id
    WHERE b.contract_id = %(contract)s AND b.status = 'accepted'
    GROUP BY r.period_id
),
period AS (
    SELECT p.id, p.cycle, p.label, p.starts_on, p.ends_on, p.slots, p.due_on,
        date_trunc('month', least(p.ends_on, %(last)s::date))::date AS month,
        coalesce(a.slots, 0) AS accepted
    FROM contracts_period AS p
    LEFT JOIN accepted AS a ON a.period_id = p.id
    WHERE p.contract_id = %(contract)s AND p.slots > 0
),
-- Open figures by the month in which they count; how many of them, and how many there are in all.
figures AS (
    SELECT month, sum(slots - accepted)::int AS open, sum(slots)::int AS slots, max(due_on) AS due_on
    FROM period WHERE starts_on <= %(last)s GROUP BY month HAVING sum(slots - accepted) > 0
),
found (kind, id, day, status, called, number, other) AS (
    SELECT 'figures', NULL::bigint, month, '', '', open, slots FROM figures
    UNION ALL
    SELECT DISTINCT 'cut', NULL::bigint, starts_on, cycle, ends_on::text, 0, 0 FROM period WHERE starts_on <= %(last)s AND ends_on > %(last)s
    UNION ALL
    SELECT 'later', NULL::bigint, max(ends_on), '', min(starts_on)::text, sum(slots)::int, 0 FROM period
    WHERE starts_on > %(last)s HAVING count(*) > 0
    UNION ALL
    SELECT 'breach', b.id, b.month, b.status, s.name, 0, 0
    FROM breaches_breach AS b JOIN slas_servicelevel AS s ON s.id = b.service_level_id
    WHERE b.contract_id = %(contract)s AND b.status IN ('open', 'acknowledged', 'plan', 'disputed')
    UNION ALL
    SELECT 'plan', o.id, l.due_on, l.status, coalesce(o.called, ''), 0, 0
    FROM breaches_correctiveplan AS l
    LEFT JOIN LATERAL (
        SELECT b.id, s.name AS called FROM breaches_breach AS b JOIN slas_servicelevel AS s ON s.id = b.service_level_id
        WHERE b.plan_id = l.id ORDER BY b.id LIMIT 1
    ) AS o ON true
    WHERE l.contract_id = %(contract)s AND l.status IN ('asked', 'accepted', 'reopened')
    UNION ALL
    SELECT 'dispute', d.id, d.month, d.status, s.name, 0, 0
    FROM disputes_dispute AS d JOIN slas_servicelevel AS s ON s.id = d.service_level_id
    WHERE d.contract_id = %(contract)s AND d.status = 'open'
    UNION ALL
    SELECT 'relief', d.id, d.month, d.status, s.name, 0, 0
    FROM disputes_reliefrequest AS d JOIN slas_servicelevel AS s ON s.id = d.service_level_id
    WHERE d.contract_id = %(contract)s AND d.status = 'open'
    UNION ALL
    SELECT 'extension', x.id, x.month, x.status, '', 0, 0
    FROM contracts_extension AS x WHERE x.contract_id = %(contract)s AND x.status = 'open'
    UNION ALL
    SELECT 'revision', r.id, e.effective_on, r.status, coalesce(e.title, ''), r.number, (e.effective_on > %(last)s)::int
    FROM agreements_revision AS r
    LEFT JOIN agreements_revisionedition AS e ON e.revision_id = r.id AND e.number = r.edition
    WHERE r.contract_id = %(contract)s AND r.status IN ('draft', 'submitted', 'approved', 'with_vendor', 'countered', 'consented', 'lapsed')
        AND r.id IS DISTINCT FROM %(but)s
)
SELECT kind, id, day, status, called, number, other, of_kind
FROM (
    SELECT f.*, count(*) OVER (PARTITION BY kind) AS of_kind, row_number() OVER (PARTITION BY kind ORDER BY day, called, id) AS place
    FROM found AS f
) AS numbered
WHERE place <= %(limit)s ORDER BY kind, place
