-- The ledger of the contracts follows their months' money. A month is posted once it is final and all months before it are; from then on, what its judgement
-- comes to differently is one adjustment in the open month. Entries are numbered by kind, so the second of two workers posts nothing.
WITH contract AS (
    SELECT c.id, c.vendor_id,
        -- The open month: the earliest that is not final yet, or the one after the last.
        coalesce(min(m.month) FILTER (WHERE NOT m.final), (max(m.month) + interval '1 month')::date) AS open_month
    FROM contracts_contract AS c
    JOIN evaluation_month AS m ON m.organisation_id = c.organisation_id AND m.contract_id = c.id
    WHERE c.organisation_id = %(organisation)s AND c.id = ANY (%(contracts)s)
    GROUP BY c.id, c.vendor_id, c.credits
    HAVING c.credits <> '[]' OR EXISTS (
        SELECT FROM breaches_ledgerentry AS l WHERE l.organisation_id = %(organisation)s AND l.contract_id = c.id)
),

booked AS (
    SELECT l.contract_id, l.month,
        bool_or(l.kind = 'accrual') AS posted,
        coalesce(sum(l.amount) FILTER (WHERE l.kind IN ('accrual', 'earn_back', 'adjustment')), 0) AS earned,
        sum(l.capped_amount) AS capped_amount,
        -coalesce(sum(l.amount) FILTER (WHERE l.kind IN ('waiver', 'waiver_back')), 0) AS waived,
        -coalesce(sum(l.amount) FILTER (WHERE l.kind = 'invoice'), 0) AS invoiced,
        count(*) FILTER (WHERE l.kind = 'adjustment') AS adjustments,
        count(*) FILTER (WHERE l.kind = 'forgone') AS capped_postings,
        count(*) FILTER (WHERE l.kind = 'waiver_back') AS waivers_back,
        max(l.created_at) FILTER (WHERE l.kind IN ('accrual', 'adjustment', 'forgone')) AS last_at
    FROM breaches_ledgerentry AS l
    WHERE l.organisation_id = %(organisation)s AND l.contract_id = ANY (%(contracts)s)
    GROUP BY l.contract_id, l.month
),

month_posting AS (
    SELECT c.id AS contract_id, c.vendor_id, c.open_month, m.month, m.credit, m.earned_back, m.capped_amount AS cut,
        m.credit - m.earned_back AS due, coalesce(b.posted, false) AS posted,
        coalesce(b.earned, 0) AS earned, coalesce(b.capped_amount, 0) AS capped_amount, coalesce(b.waived, 0) AS waived,
        coalesce(b.invoiced, 0) AS invoiced, coalesce(b.adjustments, 0) AS adjustments, coalesce(b.capped_postings, 0) AS capped_postings,
        coalesce(b.waivers_back, 0) AS waivers_back, b.last_at
    FROM contract AS c
    JOIN evaluation_month AS m ON m.organisation_id = %(organisation)s AND m.contract_id = c.id
    LEFT JOIN booked AS b ON b.contract_id = c.id AND b.month = m.month
    WHERE m.month < c.open_month OR b.posted
),

-- The first posting, in the month's own books.
first_entry AS (
    SELECT b.contract_id, b.vendor_id, b.month, b.month AS posted_in, e.kind, 1 AS number, e.amount, e.capped_amount, '' AS reason
    FROM month_posting AS b
    CROSS JOIN LATERAL (VALUES
        ('accrual', b.credit, 0), ('earn_back', -b.earned_back, 0), ('forgone', 0, b.cut)
    ) AS e (kind, amount, capped_amount)
    WHERE NOT b.posted AND (e.kind = 'accrual' OR e.amount <> 0 OR e.capped_amount <> 0)
),

-- What differs later, in the books of the open month, with the reason: of the latest restatement of this month or an earlier one,
-- the first in the chain. Without one, the contract's charges or terms of credit have changed.
later_entry AS (
    SELECT b.contract_id, b.vendor_id, b.month, b.open_month AS posted_in, e.kind, e.number, e.amount, e.capped_amount,
        CASE WHEN e.kind = 'waiver_back' THEN 'The credit that was waived does not exist any more. ' ELSE '' END
            || coalesce(r.reason, 'The charges or the credit terms of the contract changed.') AS reason
    FROM month_posting AS b
    CROSS JOIN LATERAL (VALUES
        ('adjustment', b.adjustments + 1, b.due - b.earned, 0),
        ('forgone', b.capped_postings + 1, 0, b.cut - b.capped_amount),
        ('waiver_back', b.waivers_back + 1, greatest(0, b.waived - greatest(0, b.due - b.invoiced)), 0)
    ) AS e (kind, number, amount, capped_amount)
    LEFT JOIN LATERAL (
        SELECT p.restated_because || CASE WHEN p.month = b.month THEN '' ELSE to_char(p.month, ' (FMMonth YYYY)') END AS reason
        FROM evaluation_pastresult AS p
        WHERE p.organisation_id = %(organisation)s AND p.contract_id = b.contract_id AND p.month <= b.month AND p.restated_at >= b.last_at
        ORDER BY p.restated_at DESC, p.starts_on, p.id LIMIT 1
    ) AS r ON true
    WHERE b.posted AND (e.amount <> 0 OR e.capped_amount <> 0)
)

INSERT INTO breaches_ledgerentry (
    organisation_id, vendor_id, contract_id, month, posted_in, kind, number, amount, capped_amount, reason, reference, created_at)
SELECT %(organisation)s, e.vendor_id, e.contract_id, e.month, e.posted_in, e.kind, e.number, e.amount, e.capped_amount, e.reason, '', %(now)s
FROM (SELECT * FROM first_entry UNION ALL SELECT * FROM later_entry) AS e
ORDER BY e.contract_id, e.month, e.kind
ON CONFLICT (organisation_id, contract_id, month, kind, number) DO NOTHING
