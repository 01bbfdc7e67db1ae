-- The vendors of a month, each with the mean of its contracts' scores, what is late, waits or is open: those of one page, and beside each row
-- what the page says of all of them. Follows the steps of measurements/sql/month_states.sql.
-- Parameters: contracts (or null for all), month, former and next (first days), shown_months, now; words, tiers, service, status, sort, direction (1 or -1), shown, skipped; live, open.

contract AS MATERIALIZED (
    SELECT c.id, c.vendor_id, c.currency, c.title, c.reference
    FROM contracts_contract AS c
    WHERE c.agreed AND c.starts_on < %(next)s AND c.ends_on >= %(month)s AND (%(contracts)s::bigint[] IS NULL OR c.id = ANY (%(contracts)s))
),
-- Month by month, whatever the planner thinks how many contracts there are: it would look each up by itself.
card AS MATERIALIZED (
    SELECT s.contract_id, s.month, s.score, s.coverage FROM scorecards_scorecard AS s
    WHERE s.month IN (%(month)s, %(former)s) AND (%(contracts)s::bigint[] IS NULL OR s.contract_id = ANY (%(contracts)s))
),
charged AS MATERIALIZED (
    SELECT m.contract_id, m.month, m.charges FROM evaluation_month AS m
    WHERE m.month IN (%(month)s, %(former)s) AND (%(contracts)s::bigint[] IS NULL OR m.contract_id = ANY (%(contracts)s))
),
standing AS MATERIALIZED (
    SELECT c.*, s.score, coalesce(m.charges, 0) AS weight, b.score AS former_score, coalesce(n.charges, 0) AS former_weight,
        s.coverage, t.state, t.late, t.expected, t.live_status, CASE WHEN t.due_on >= t.today THEN t.due_on END AS due_on
    FROM contract AS c
    LEFT JOIN card AS s ON s.contract_id = c.id AND s.month = %(month)s
    LEFT JOIN card AS b ON b.contract_id = c.id AND b.month = %(former)s
    LEFT JOIN charged AS m ON m.contract_id = c.id AND m.month = %(month)s
    LEFT JOIN charged AS n ON n.contract_id = c.id AND n.month = %(former)s
    LEFT JOIN month_state AS t ON t.contract_id = c.id
),
-- Of each vendor, and of all (where vendor_id is null). Sums, for the means of the month and of both months: of these over the contracts that
-- have a score in both, so that a change compares like with like.
reporting AS MATERIALIZED (
    SELECT s.vendor_id, count(*) AS contracts, min(s.title) AS title, array_agg(s.id) AS ids,
        string_agg(s.title || ' ' || s.reference, ' ') AS words,
        min(s.currency) <> max(s.currency) AS mixed, sum(s.weight) AS weight, count(s.coverage) AS covered, sum(s.coverage) AS coverage,
        sum(s.coverage * s.weight) AS weighed_coverage,
        coalesce(sum(s.late), 0) AS late, coalesce(sum(s.expected), 0) AS expected, count(*) FILTER (WHERE s.live_status = 'submitted') AS waiting,
        count(*) FILTER (WHERE s.score IS NULL) AS unscored,
        count(s.state) AS submissions, count(*) FILTER (WHERE s.state IN ('accepted', 'submitted')) AS received,
        count(*) FILTER (WHERE s.late > 0) AS late_submissions, count(s.due_on) AS due, min(s.due_on) AS due_from,
        min(s.currency) FILTER (WHERE s.score IS NOT NULL) <> max(s.currency) FILTER (WHERE s.score IS NOT NULL) AS mixed_scores,
        avg(s.score) AS mean, sum(s.score * s.weight) AS weighed, sum(s.weight) FILTER (WHERE s.score IS NOT NULL) AS scored_weight,
        min(s.currency) FILTER (WHERE s.both) <> max(s.currency) FILTER (WHERE s.both) AS mixed_in_both,
        avg(s.score) FILTER (WHERE s.both) AS again_mean, sum(s.score * s.weight) FILTER (WHERE s.both) AS again_weighed,
        sum(s.weight) FILTER (WHERE s.both) AS again_weight,
        avg(s.former_score) FILTER (WHERE s.both) AS former_mean, sum(s.former_score * s.former_weight) FILTER (WHERE s.both) AS former_weighed,
        sum(s.former_weight) FILTER (WHERE s.both) AS former_weight
    FROM (SELECT s.*, s.score IS NOT NULL AND s.former_score IS NOT NULL AS both FROM standing AS s) AS s
    GROUP BY GROUPING SETS ((s.vendor_id), ())
),
-- The means. Charges are the weights, unless they are 0 or of different currencies.
summed AS MATERIALIZED (
    SELECT r.*, CASE WHEN r.mixed_scores OR r.scored_weight = 0 THEN r.mean ELSE r.weighed / r.scored_weight END AS score,
        CASE WHEN r.mixed_in_both OR r.again_weight = 0 THEN r.again_mean ELSE r.again_weighed / r.again_weight END
            - CASE WHEN r.mixed_in_both OR r.former_weight = 0 THEN r.former_mean ELSE r.former_weighed / r.former_weight END AS change,
        -- How much of the weight was measured, each contract weighted as in the score: one without a scorecard counts as nothing measured.
        CASE WHEN r.covered = 0 THEN NULL WHEN r.mixed OR r.weight = 0 THEN r.coverage / r.contracts ELSE r.weighed_coverage / r.weight
        END AS measured
    FROM reporting AS r
),
breach AS (
    SELECT b.vendor_id, count(*) AS live, count(*) FILTER (WHERE b.status = %(open)s) AS unacknowledged, min(b.opened_at) AS oldest
    FROM breaches_breach AS b 
    WHERE b.status = ANY (%(live)s) AND (%(contracts)s::bigint[] IS NULL OR b.contract_id = ANY (%(contracts)s))
    GROUP BY b.vendor_id
),
vendor AS MATERIALIZED (
    SELECT r.vendor_id, r.title, r.ids, r.score, r.measured AS coverage, r.change, r.late, r.expected, r.waiting,
        v.name, v.code, v.tier, v.service, coalesce(b.live, 0) AS live, coalesce(b.unacknowledged, 0) AS unacknowledged, b.oldest,
        row_number() OVER (ORDER BY lower(v.name) COLLATE "C", v.id) AS by_name,
        cardinality(%(words)s::text[]) = 0 OR NOT EXISTS (
            SELECT FROM unnest(%(words)s::text[]) AS w
            WHERE strpos(lower(concat_ws(' ', v.name, v.code, r.words)), w) = 0
        ) AS found,
        (cardinality(%(tiers)s::int[]) = 0 OR v.tier = ANY (%(tiers)s)) AND (%(service)s = '' OR v.service = %(service)s) AS chosen,
        CASE %(status)s WHEN 'breach' THEN b.live > 0 WHEN 'late' THEN r.late > 0 WHEN 'waiting' THEN r.waiting > 0 ELSE true END AS fits
    FROM summed AS r
    JOIN organisations_vendor AS v ON v.id = r.vendor_id
    LEFT JOIN breach AS b ON b.vendor_id = r.vendor_id
),
ranked AS (
    SELECT v.*, CASE WHEN v.score IS NOT NULL THEN row_number() OVER (ORDER BY v.score DESC NULLS LAST, v.by_name) END AS rank,
        %(direction)s * CASE %(sort)s WHEN 'score' THEN v.score WHEN 'change' THEN v.change WHEN 'coverage' THEN v.coverage WHEN 'open' THEN v.live ELSE v.by_name END AS sorted
    FROM vendor AS v
),
-- Vendors without the value that is sorted by stand at the end either way, the late ones last.
page AS (
    SELECT r.*, row_number() OVER (ORDER BY r.sorted NULLS LAST, CASE WHEN r.sorted IS NULL THEN r.late > 0 END, r.by_name) AS position
    FROM ranked AS r WHERE r.found AND r.chosen AND r.fits
    ORDER BY position LIMIT %(shown)s OFFSET %(skipped)s
),
together AS (
    SELECT count(*) AS vendors, count(*) FILTER (WHERE found AND chosen AND fits) AS matching,
        count(*) FILTER (WHERE chosen AND fits) AS without_words, count(*) FILTER (WHERE found AND chosen) AS without_status,
        count(*) FILTER (WHERE found AND fits) AS without_chosen,
        count(*) FILTER (WHERE found AND chosen AND live > 0) AS with_breach, count(*) FILTER (WHERE found AND chosen AND late > 0) AS with_late,
        count(*) FILTER (WHERE found AND chosen AND waiting > 0) AS with_waiting,
        coalesce(sum(live), 0)::int AS live, coalesce(sum(unacknowledged), 0)::int AS unacknowledged, min(oldest) AS oldest,
        (array_agg(name ORDER BY oldest) FILTER (WHERE oldest IS NOT NULL))[1] AS oldest_at
    FROM vendor
),
-- How many vendors each tier and service would leave.
filed AS (
    SELECT v.tier, v.service, count(*) FILTER (WHERE v.found AND v.fits) AS vendors
    FROM vendor AS v GROUP BY GROUPING SETS ((v.tier), (v.service)) HAVING v.tier IS NOT NULL OR v.service <> ''
)

SELECT t.vendors, t.matching, t.without_words, t.without_status, t.without_chosen, t.with_breach, t.with_late, t.with_waiting, t.live, t.unacknowledged, t.oldest, t.oldest_at,
    r.contracts, r.expected, r.submissions, r.received, r.late_submissions, r.waiting, r.due, r.due_from, r.unscored,
    r.score, r.change, r.mixed_scores IS NOT TRUE,
    ARRAY(SELECT c.id FROM contract AS c JOIN vendor AS v USING (vendor_id) WHERE v.found AND v.chosen AND v.fits),
    ARRAY(
        SELECT m.month FROM unnest(%(shown_months)s::date[]) AS m (month)
        WHERE EXISTS (
            SELECT FROM scorecards_scorecard AS s
            WHERE s.organisation_id = %(organisation)s AND s.month = m.month AND s.score IS NOT NULL
                AND NOT EXISTS (
                    SELECT FROM scorecards_publication AS p
                    WHERE p.organisation_id = s.organisation_id AND p.contract_id = s.contract_id AND p.month = s.month
                )
                AND (%(contracts)s::bigint[] IS NULL OR s.contract_id = ANY (%(contracts)s))
        )
    ),
    (SELECT json_agg(json_build_array(coalesce(f.tier::text, f.service), f.vendors, f.tier IS NOT NULL) ORDER BY f.tier, lower(f.service))::text
        FROM filed AS f),
    p.vendor_id, p.name, p.code, p.title, p.service, p.ids, p.score, p.coverage, p.change, p.rank, p.late, p.expected, p.waiting, p.live
FROM together AS t
CROSS JOIN (SELECT * FROM summed WHERE vendor_id IS NULL) AS r
LEFT JOIN page AS p ON true
ORDER BY p.position
