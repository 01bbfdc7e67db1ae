-- The mean score of some vendors' contracts by month, weighed as in portfolio.sql, and whether one of the scores is not published.

SELECT c.vendor_id, s.month,
    CASE WHEN count(DISTINCT c.currency) FILTER (WHERE s.score IS NOT NULL) > 1
        OR coalesce(sum(m.charges) FILTER (WHERE s.score IS NOT NULL), 0) = 0 THEN avg(s.score)
        ELSE sum(s.score * coalesce(m.charges, 0)) / sum(m.charges) FILTER (WHERE s.score IS NOT NULL) END AS score,
    bool_or(NOT EXISTS (
        SELECT FROM scorecards_publication AS p
        WHERE p.organisation_id = s.organisation_id AND p.contract_id = s.contract_id AND p.month = s.month
    ))
FROM contracts_contract AS c
JOIN scorecards_scorecard AS s ON s.contract_id = c.id AND s.month BETWEEN %(first)s AND %(last)s
-- Each by its key: joined as a set, all months of a contract were read for each of them.
LEFT JOIN LATERAL (
    SELECT o.charges FROM evaluation_month AS o WHERE o.contract_id = s.contract_id AND o.month = s.month OFFSET 0
) AS m ON true
WHERE c.id = ANY (%(contracts)s)
GROUP BY c.vendor_id, s.month
