-- A month's money by currency: of the contracts that the page lists a row for each of the vendors that owe most, the largest first (`place` from 1
-- on), one for the others that owe (the place after them), and one for those that owe nothing (no place); and one for the contracts that are not
-- listed. Beside each the currency's year to date, of all contracts in force in the month.
-- Parameters: contracts (or null for all), month, january, next (first days), listed (contracts), named (how many vendors have a row of their own).

WITH contract AS MATERIALIZED (
    SELECT c.id, c.vendor_id, c.currency FROM contracts_contract AS c
    WHERE c.starts_on < %(next)s AND c.ends_on >= %(month)s AND (%(contracts)s::bigint[] IS NULL OR c.id = ANY (%(contracts)s))
),
waived AS MATERIALIZED (
    SELECT e.contract_id, e.month, -sum(e.amount) AS waived
    FROM breaches_ledgerentry AS e
    WHERE e.month BETWEEN %(january)s AND %(month)s AND e.kind IN ('waiver', 'waiver_back')
    GROUP BY e.contract_id, e.month
),
-- Read from the index month_money alone, and added up by contract before anything is looked up.
year AS MATERIALIZED (
    SELECT c.currency, sum(m.credit) AS credit, sum(m.earned_back) AS earned_back,
        (SELECT coalesce(sum(w.waived), 0) FROM waived AS w JOIN contract AS o ON o.id = w.contract_id AND o.currency = c.currency) AS waived
    FROM (
        SELECT m.contract_id, sum(m.credit) AS credit, sum(m.earned_back) AS earned_back
        FROM evaluation_month AS m
        WHERE m.month BETWEEN %(january)s AND %(month)s AND (%(contracts)s::bigint[] IS NULL OR m.contract_id = ANY (%(contracts)s))
        GROUP BY m.contract_id
    ) AS m JOIN contract AS c ON c.id = m.contract_id
    GROUP BY c.currency
),
-- By their month, whatever the planner thinks how many contracts there are.
judged AS MATERIALIZED (
    SELECT m.contract_id, m.month, m.charges, m.at_risk, m.credit, m.capped_amount, m.earned_back
    FROM evaluation_month AS m
    WHERE m.month = %(month)s AND (%(contracts)s::bigint[] IS NULL OR m.contract_id = ANY (%(contracts)s))
),
of_vendor AS (
    SELECT c.currency, l.id IS NOT NULL AS listed, c.vendor_id, sum(m.charges) AS charges, sum(m.at_risk) AS at_risk,
        sum(m.credit) AS credit, sum(m.capped_amount) AS capped_amount, sum(m.earned_back) AS earned_back, sum(coalesce(w.waived, 0)) AS waived
    FROM judged AS m
    JOIN contract AS c ON c.id = m.contract_id
    LEFT JOIN unnest(%(listed)s::bigint[]) AS l (id) ON l.id = c.id
    LEFT JOIN waived AS w ON w.contract_id = m.contract_id AND w.month = m.month
    GROUP BY c.currency, l.id IS NOT NULL, c.vendor_id
),
placed AS (
    SELECT o.*, v.name, v.code, CASE WHEN o.listed AND o.credit + o.capped_amount <> 0 THEN least(%(named)s + 1, row_number() OVER (
        PARTITION BY o.currency, o.listed ORDER BY o.credit + o.capped_amount DESC, v.name DESC)) END AS place
    FROM of_vendor AS o JOIN organisations_vendor AS v ON v.id = o.vendor_id
)

SELECT p.currency, p.listed, p.place, min(p.name), min(p.code), count(*), sum(p.charges), sum(p.at_risk), sum(p.credit), sum(p.capped_amount),
    sum(p.earned_back), sum(p.waived), y.credit, y.earned_back, y.waived
FROM placed AS p JOIN year AS y ON y.currency = p.currency
GROUP BY p.currency, p.listed, p.place, y.credit, y.earned_back, y.waived
ORDER BY p.currency, p.listed DESC, p.place
