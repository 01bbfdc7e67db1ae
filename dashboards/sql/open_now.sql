-- What is open at this moment, whatever its age, by kind and, of figures, by month: how many, and since when the oldest.
-- Parameters: organisation; contracts, or null for all that are in scope; now.
WITH late AS (
    SELECT r.month, count(*) AS number, min(p.due_on) AS since
    FROM contracts_contract AS c
    JOIN evaluation_result AS r ON r.organisation_id = c.organisation_id AND r.contract_id = c.id AND r.outcome = 'not_measured'
    JOIN contracts_period AS p ON p.organisation_id = r.organisation_id AND p.id = r.period_id
    WHERE c.organisation_id = %(organisation)s AND (%(contracts)s::bigint[] IS NULL OR c.id = ANY (%(contracts)s))
        -- What was due before the contract was kept here, nobody could report here.
        AND p.due_on >= (c.created_at AT TIME ZONE c.timezone)::date AND p.due_on < (%(now)s AT TIME ZONE c.timezone)::date
        -- What was handed over, or came back, is not late.
        AND NOT EXISTS (
            SELECT FROM measurements_submission AS s
            WHERE s.organisation_id = c.organisation_id AND s.contract_id = c.id AND s.month = r.month AND s.status IN ('submitted', 'returned')
        )
    GROUP BY r.month
),
hearing AS (
    SELECT d.asked_at, d.contract_id FROM disputes_dispute AS d WHERE d.status = 'open'
    UNION ALL SELECT q.asked_at, q.contract_id FROM disputes_reliefrequest AS q WHERE q.status = 'open'
    UNION ALL SELECT e.asked_at, e.contract_id FROM contracts_extension AS e WHERE e.status = 'open'
),
plan AS (
    SELECT p.contract_id, max(o.at) AS at
    FROM breaches_correctiveplan AS p
    JOIN breaches_planproposal AS o ON o.organisation_id = p.organisation_id AND o.plan_id = p.id AND o.revision > p.decided_revision
    WHERE p.organisation_id = %(organisation)s AND p.status IN ('asked', 'reopened')
    GROUP BY p.id
)
SELECT 'breach' AS kind, NULL::date AS month, count(*) AS number, min(b.opened_at)::date AS since
FROM breaches_breach AS b
WHERE b.organisation_id = %(organisation)s AND b.status = 'open' AND (%(contracts)s::bigint[] IS NULL OR b.contract_id = ANY (%(contracts)s))
UNION ALL SELECT 'late', l.month, l.number, l.since FROM late AS l
UNION ALL
SELECT CASE s.status WHEN 'submitted' THEN 'waiting' ELSE s.status END, s.month, count(*), min(coalesce(s.decided_at, s.submitted_at))::date
FROM measurements_submission AS s
WHERE s.organisation_id = %(organisation)s AND s.status IN ('submitted', 'returned') AND (%(contracts)s::bigint[] IS NULL OR s.contract_id = ANY (%(contracts)s))
GROUP BY s.status, s.month
UNION ALL
SELECT 'plan', NULL, count(*), min(p.at)::date FROM plan AS p WHERE %(contracts)s::bigint[] IS NULL OR p.contract_id = ANY (%(contracts)s)
UNION ALL
SELECT 'hearing', NULL, count(*), min(h.asked_at)::date FROM hearing AS h
WHERE %(contracts)s::bigint[] IS NULL OR h.contract_id = ANY (%(contracts)s)
UNION ALL
SELECT 'rule', NULL, count(*), min(o.since) FROM breaches_consequence AS o
WHERE o.organisation_id = %(organisation)s AND o.status = 'open' AND (%(contracts)s::bigint[] IS NULL OR o.contract_id = ANY (%(contracts)s))
UNION ALL
SELECT 'excuse', NULL, count(*), min(x.proposed_at)::date
FROM breaches_excusal AS x
JOIN breaches_breach AS b ON b.organisation_id = x.organisation_id AND b.id = x.breach_id
WHERE x.organisation_id = %(organisation)s AND x.status = 'proposed' AND (%(contracts)s::bigint[] IS NULL OR b.contract_id = ANY (%(contracts)s))
UNION ALL
SELECT 'waiver', NULL, count(*), min(w.proposed_at)::date FROM breaches_waiverproposal AS w
WHERE w.organisation_id = %(organisation)s AND w.status = 'proposed' AND (%(contracts)s::bigint[] IS NULL OR w.contract_id = ANY (%(contracts)s))
UNION ALL
SELECT 'claim', NULL, count(*), min(k.claimed_at)::date FROM credits_creditclaim AS k
WHERE k.organisation_id = %(organisation)s AND k.status = 'claimed' AND (%(contracts)s::bigint[] IS NULL OR k.contract_id = ANY (%(contracts)s))
