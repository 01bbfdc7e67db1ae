-- From credit to cash: each part of a month's credit with where it stands (`item`), of the contracts in scope. Together the parts of a month are what
-- was credited. Whoever does not see a claim yet, which is the vendor before it is approved, finds its part unclaimed.
-- Parameters: contracts (ids, or null for all), now.
WITH contract AS MATERIALIZED (
    SELECT c.id, c.vendor_id, c.reference, c.title, c.currency, c.minor_unit, c.timezone, c.claim_within,
        (%(now)s AT TIME ZONE c.timezone)::date AS today
    FROM contracts_contract AS c
    WHERE %(contracts)s::bigint[] IS NULL OR c.id = ANY (%(contracts)s)
),

booked AS (
    SELECT l.contract_id, l.month, sum(l.amount) AS balance,
        coalesce(sum(l.amount) FILTER (WHERE l.kind IN ('accrual', 'earn_back', 'adjustment')), 0) AS credited,
        coalesce(sum(l.capped_amount), 0) AS capped_amount,
        -coalesce(sum(l.amount) FILTER (WHERE l.kind IN ('waiver', 'waiver_back')), 0) AS waived,
        -coalesce(sum(l.amount) FILTER (WHERE l.kind = 'invoice'), 0) AS invoiced,
        max(l.created_at) FILTER (WHERE l.kind IN ('accrual', 'earn_back', 'adjustment')) AS credited_at,
        max(l.created_at) FILTER (WHERE l.kind IN ('waiver', 'waiver_back')) AS waived_at,
        max(l.created_at) FILTER (WHERE l.kind = 'invoice') AS invoiced_at,
        max(l.created_at) FILTER (WHERE l.kind = 'adjustment' AND l.amount > 0) AS raised_at,
        max(l.reference) FILTER (WHERE l.kind = 'invoice') AS invoice
    FROM breaches_ledgerentry AS l JOIN contract AS c ON c.id = l.contract_id
    GROUP BY l.contract_id, l.month
),

hold AS (
    SELECT h.contract_id, h.month, bool_or(h.released_at IS NULL) AS held, max(h.released_at) AS released_at,
        -- How much of the month; null: all of it.
        CASE WHEN NOT bool_or(h.released_at IS NULL AND h.amount IS NULL) THEN sum(h.amount) FILTER (WHERE h.released_at IS NULL) END AS amount
    FROM credits_credithold AS h JOIN contract AS c ON c.id = h.contract_id
    GROUP BY h.contract_id, h.month
),

month AS (
    SELECT b.*, c.vendor_id, c.reference AS contract_reference, c.title, c.currency, c.minor_unit, c.today,
        CASE WHEN coalesce(h.held, false) THEN greatest(0, least(coalesce(h.amount, b.balance), b.balance)) ELSE 0 END AS on_hold,
        -- The contract's days after the month's end. Who could not claim because a result was disputed, or because the credit was raised later, has 30
        -- days afterwards (credits.rules.CLAIM_AGAIN_WITHIN), or as many as the contract gives where that is less. Null: it does not lapse.
        CASE WHEN c.claim_within IS NOT NULL THEN greatest(
            (b.month + interval '1 month')::date - 1 + c.claim_within,
            (greatest(h.released_at, b.raised_at) AT TIME ZONE c.timezone)::date + least(c.claim_within, %(again)s)
        ) END AS claim_by
    FROM booked AS b
    JOIN contract AS c ON c.id = b.contract_id
    LEFT JOIN hold AS h ON h.contract_id = b.contract_id AND h.month = b.month
),

-- What of a claim is due: before it is on an invoice no more than the month still comes to, the older claims first. It is held where that goes
-- beyond what is free of the month.
claim AS (
    SELECT k.*, k.status IN ('claimed', 'approved') AND m.on_hold > 0 AND m.on_hold > m.balance - sum(abs(k.amount)) FILTER (
            WHERE k.status IN ('claimed', 'approved') AND k.amount > 0) OVER (
            PARTITION BY k.contract_id, k.month ORDER BY k.id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS held, CASE
        WHEN k.status NOT IN ('claimed', 'approved') THEN k.taken
        WHEN sign(k.amount) <> sign(m.balance) THEN 0
        ELSE sign(k.amount) * least(abs(k.amount), greatest(0, abs(m.balance) - coalesce(sum(abs(k.amount)) FILTER (
            WHERE k.status IN ('claimed', 'approved')) OVER (
            PARTITION BY k.contract_id, k.month, sign(k.amount) ORDER BY k.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)))
        END AS due
    FROM credits_creditclaim AS k
    JOIN month AS m ON m.contract_id = k.contract_id AND m.month = k.month
    WHERE k.status NOT IN ('declined', 'withdrawn')
),

claimed AS (
    SELECT k.contract_id, k.month,
        coalesce(sum(k.due) FILTER (WHERE k.status IN ('claimed', 'approved')), 0) AS waiting,
        coalesce(sum(k.due) FILTER (WHERE k.status IN ('invoiced', 'recovered')), 0) AS invoiced,
        coalesce(sum(k.due) FILTER (WHERE k.status = 'written_off'), 0) AS written_off
    FROM claim AS k
    GROUP BY k.contract_id, k.month
),

part AS (
    SELECT m.contract_id, m.month, k.status::text AS state, k.due AS amount, k.amount AS claimed_amount, k.id AS claim, k.version, k.reference,
        k.claimed_by_id AS claimed_by, coalesce(k.invoice, '') AS invoice,
        CASE k.status WHEN 'claimed' THEN k.claimed_by_name WHEN 'invoiced' THEN k.invoiced_by_name WHEN 'recovered' THEN k.recovered_by_name
            ELSE k.decided_by_name END AS who,
        CASE WHEN k.status = 'claimed' THEN k.claimed_at WHEN k.status = 'approved' THEN k.decided_at END AS at,
        CASE k.status WHEN 'invoiced' THEN k.invoiced_on WHEN 'recovered' THEN k.recovered_on END AS on_day, coalesce(k.held, false) AS held
    FROM claim AS k JOIN month AS m ON m.contract_id = k.contract_id AND m.month = k.month
    UNION ALL
    SELECT m.contract_id, m.month, p.state, p.amount, p.amount, NULL, NULL, '', NULL, coalesce(p.invoice, ''), '', p.at, NULL,
        p.state = 'on_hold'
    FROM month AS m
    LEFT JOIN claimed AS d ON d.contract_id = m.contract_id AND d.month = m.month
    CROSS JOIN LATERAL (SELECT greatest(0, least(m.on_hold, m.balance - coalesce(d.waiting, 0))) AS part) AS h
    CROSS JOIN LATERAL (VALUES
        (CASE
            WHEN m.balance - coalesce(d.waiting, 0) < 0 THEN 'pay_back'
            WHEN m.claim_by < m.today THEN 'lapsed'
            ELSE 'claimable' END, m.balance - coalesce(d.waiting, 0) - h.part, NULL, m.credited_at),
        ('on_hold', h.part, NULL, m.credited_at),
        ('invoiced', m.invoiced - coalesce(d.invoiced, 0), m.invoice, m.invoiced_at),
        ('waived', m.waived - coalesce(d.written_off, 0), NULL, m.waived_at)
    ) AS p (state, amount, invoice, at)
    WHERE p.amount <> 0
),

item AS (
    SELECT p.*, m.vendor_id, v.name AS vendor, v.code AS vendor_code, m.contract_reference, m.title, m.currency, m.minor_unit, m.today,
        m.capped_amount,
        -- What lapses or needs somebody first.
        array_position(ARRAY['claimable', 'pay_back', 'claimed', 'approved', 'on_hold', 'invoiced', 'lapsed', 'recovered', 'written_off', 'waived'],
            p.state) AS place,
        CASE WHEN p.state IN ('claimable', 'lapsed') THEN m.claim_by END AS claim_by
    FROM part AS p
    JOIN month AS m ON m.contract_id = p.contract_id AND m.month = p.month
    JOIN organisations_vendor AS v ON v.id = m.vendor_id
)
