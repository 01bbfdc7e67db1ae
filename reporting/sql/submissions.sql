-- The contracts that expect figures of a month, the most urgent first: those of one page, and beside each row how many are in which state. Follows
-- the steps of measurements/sql/month_states.sql. Accepted figures stand, but their correction is what is to be done.
-- Parameters: those of the steps; urgency (states in order), state (or empty for all), shown, skipped.

listed AS MATERIALIZED (
    SELECT s.contract_id, s.submitted > 0 OR s.accepted > 0 AS handed_over,
        CASE WHEN s.state = 'accepted' AND s.live_status <> '' THEN s.live_status ELSE s.state END AS state
    FROM month_state AS s
),
page AS (
    SELECT l.contract_id, l.state,
        row_number() OVER (ORDER BY array_position(%(urgency)s::text[], l.state), v.name, c.reference, c.id) AS position
    FROM listed AS l
    JOIN contracts_contract AS c ON c.id = l.contract_id
    JOIN organisations_vendor AS v ON v.id = c.vendor_id
    WHERE %(state)s = '' OR l.state = %(state)s
    ORDER BY position LIMIT %(shown)s OFFSET %(skipped)s
),
counted AS (SELECT l.state, count(*) AS contracts, count(*) FILTER (WHERE l.handed_over) AS handed_over FROM listed AS l GROUP BY l.state)

SELECT (SELECT coalesce(jsonb_object_agg(c.state, c.contracts), '{}') FROM counted AS c),
    (SELECT coalesce(sum(c.handed_over), 0)::int FROM counted AS c), p.contract_id, p.state
FROM (SELECT) AS always LEFT JOIN page AS p ON true
ORDER BY p.position
