-- How much credit a month is due, steps 12 to 18: incidents, month total, tariff, bedding-in, caps, minimum, rounding, earn-back. CTEs only.
-- What the caps leave (`cap`, step 15) is worked out in `caps.sql`; what is in force in a month (`month`, `credits_version`) stands in `versions.sql`.
--
-- Reads `evaluation_window`: of each contract, from which day on its money is computed again, the day asked, and how many months that looks back on;
-- and `windowed_result`, the judgements of slots (stored ones, or those of a replay). What lies before is taken from the stored months.

account AS MATERIALIZED (
    SELECT c.id AS contract_id, c.vendor_id, c.minor_unit, c.credits, c.rules, c.charges, q.as_of, q.look_back,
        date_trunc('month', c.starts_on)::date AS first_month, date_trunc('month', c.ends_on)::date AS last_month,
        greatest(date_trunc('month', q.from_on), date_trunc('month', c.starts_on))::date AS from_month,
        last.until
    FROM evaluation_window AS q
    JOIN contracts_contract AS c ON c.id = q.contract_id AND c.id = ANY (%(contracts)s::bigint[])
    LEFT JOIN (
        SELECT r.contract_id, max(r.month) AS until FROM windowed_result AS r WHERE r.outcome <> 'pending' GROUP BY r.contract_id
    ) AS last ON last.contract_id = c.id
),

-- 12. Of one incident's slots in a month only the largest counts. Then what earns money: periods from `credits_from` on.
counted AS MATERIALIZED (
    SELECT p.contract_id, p.service_level_id, p.code, p.starts_on, p.month, p.points, p.counted,
        CASE WHEN p.starts_on >= p.credits_from THEN p.counted ELSE 0 END AS earning
    FROM (
        SELECT r.contract_id, r.service_level_id, r.code, r.starts_on, r.month, r.points, r.credits_from,
            CASE WHEN m.one_per_incident AND r.incident IS NOT NULL AND row_number() OVER (
                PARTITION BY r.contract_id, r.month, r.incident ORDER BY r.points DESC, r.code COLLATE "C", r.starts_on) > 1
                THEN 0 ELSE r.points END AS counted
        FROM windowed_result AS r
        JOIN month AS m ON m.contract_id = r.contract_id AND m.month = r.month
        WHERE r.points <> 0
    ) AS p
),

-- 13. Month total → tariff → money, 14. × the bedding-in factor.
due AS MATERIALIZED (
    SELECT m.contract_id, m.month, m.nth, m.charge, m.charge_12, m.charge_year, m.at_risk, m.at_risk_12, m.at_risk_year, a.minor_unit,
        coalesce(v.minimum, 0) AS minimum, v.clauses, coalesce(t.points, 0) AS points, coalesce(t.earning, 0) AS earning,
        u.units, w.worth, b.factor AS bedding,
        CASE
            WHEN v.clauses IS NULL THEN 0
            -- Exact. Only where points do not end (thirds, carried with 48 decimals) are the last ones left off before money is rounded.
            WHEN coalesce(t.earning, 0) = round(coalesce(t.earning, 0), 36) THEN u.units * w.worth * b.factor
            ELSE round(u.units * w.worth * b.factor, 24)
        END AS amount
    FROM account AS a
    JOIN month AS m ON m.contract_id = a.contract_id AND m.month BETWEEN a.from_month AND a.until
    LEFT JOIN credits_version AS v ON v.contract_id = m.contract_id AND v.version = m.version
    LEFT JOIN (
        SELECT contract_id, month, trim_scale(round(sum(counted), 42)) AS points, trim_scale(round(sum(earning), 42)) AS earning
        FROM counted GROUP BY contract_id, month
    ) AS t ON t.contract_id = m.contract_id AND t.month = m.month
    CROSS JOIN LATERAL (
        SELECT CASE v.tariff
            WHEN 'step' THEN coalesce((
                SELECT (s.step ->> 'value')::numeric FROM jsonb_array_elements(v.clauses #> '{tariff,steps}') AS s (step)
                WHERE (s.step ->> 'at')::numeric <= coalesce(t.earning, 0) ORDER BY (s.step ->> 'at')::numeric DESC LIMIT 1), 0)
            WHEN 'marginal' THEN (
                SELECT sum(greatest(least(coalesce(t.earning, 0), s.upto) - s.lower, 0) * s.factor) FROM (
                    SELECT coalesce((e.slice ->> 'upto')::numeric, 'infinity') AS upto, (e.slice ->> 'factor')::numeric AS factor,
                        coalesce(lag((e.slice ->> 'upto')::numeric) OVER (ORDER BY e.n), 0) AS lower
                    FROM jsonb_array_elements(v.clauses #> '{tariff,slices}') WITH ORDINALITY AS e (slice, n)) AS s)
            ELSE coalesce(t.earning, 0)
        END AS units
    ) AS u
    CROSS JOIN LATERAL (
        SELECT coalesce(v.point_amount,
            CASE v.point_of WHEN 'at_risk' THEN m.at_risk ELSE m.charge END * v.point_value * 0.01, 0) AS worth
    ) AS w
    CROSS JOIN LATERAL (SELECT coalesce((v.clauses #>> ARRAY['bedding_in', m.nth::text])::numeric, 1) AS factor) AS b
),

-- Month by month, since each headroom depends on what was issued before: `recent` are the credits of the last eleven months, `in_year` those of
-- the contract year so far. 16. Minimum issue. 17. Rounded once, half up.
issued AS (
    SELECT a.contract_id, (a.from_month - interval '1 month')::date AS month,
        NULL::numeric AS before_caps, NULL::numeric AS after_caps, NULL::numeric AS credit, NULL::boolean AS capped,
        NULL::numeric AS headroom,
        coalesce((
            SELECT array_agg(o.credit ORDER BY o.month) FROM evaluation_month AS o
            WHERE o.contract_id = a.contract_id AND o.month >= a.from_month - interval '11 months' AND o.month < a.from_month
        ), '{}') AS recent,
        coalesce((
            SELECT sum(o.credit) FROM evaluation_month AS o
            WHERE o.contract_id = a.contract_id AND o.month < a.from_month
                AND o.month >= a.first_month + interval '1 year' * extract(year FROM age(a.from_month, a.first_month))
        ), 0)::numeric AS in_year
    FROM account AS a
    UNION ALL
    SELECT d.contract_id, d.month, d.amount, x.after_caps, y.credit, coalesce(d.amount > 0 AND d.amount >= x.headroom, false), x.headroom,
        (i.recent || y.credit)[greatest(cardinality(i.recent) - 9, 1):], x.in_year + y.credit
    FROM issued AS i
    JOIN due AS d ON d.contract_id = i.contract_id AND d.month = (i.month + interval '1 month')::date
    LEFT JOIN cap AS c ON c.contract_id = d.contract_id AND c.month = d.month
    CROSS JOIN LATERAL (SELECT CASE WHEN d.nth %% 12 = 0 THEN 0 ELSE i.in_year END AS in_year) AS n
    CROSS JOIN LATERAL (
        SELECT n.in_year, r.headroom, least(d.amount, r.headroom) AS after_caps
        FROM (  -- null where there is no cap at all
            SELECT CASE WHEN c.contract_id IS NOT NULL THEN greatest(0, least(
                c.in_month, c.in_12 - (SELECT coalesce(sum(s.credit), 0) FROM unnest(i.recent) AS s (credit)), c.in_year - n.in_year))
            END AS headroom
        ) AS r
    ) AS x
    CROSS JOIN LATERAL (
        SELECT round(CASE WHEN x.after_caps <= d.minimum THEN 0 ELSE x.after_caps END, d.minor_unit) AS credit
    ) AS y
),

-- Each slot's share of the month's credit by its points, rounded cumulatively, so that shares add up to the credit.
shared AS MATERIALIZED (
    SELECT c.*, i.credit,
        coalesce(round(round(round(i.credit * c.upto, 60) / nullif(c.total, 0), 36), a.minor_unit)
            - round(round(round(i.credit * (c.upto - c.earning), 60) / nullif(c.total, 0), 36), a.minor_unit), 0) AS share
    FROM (
        SELECT c.*, sum(c.earning) OVER w AS upto, sum(c.earning) OVER (PARTITION BY c.contract_id, c.month) AS total
        FROM counted AS c
        WINDOW w AS (PARTITION BY c.contract_id, c.month ORDER BY c.code COLLATE "C", c.starts_on ROWS UNBOUNDED PRECEDING)
    ) AS c
    JOIN account AS a ON a.contract_id = c.contract_id
    JOIN issued AS i ON i.contract_id = c.contract_id AND i.month = c.month AND i.credit IS NOT NULL
),

-- With the shares of the months before, as they were stored.
credited AS MATERIALIZED (
    SELECT contract_id, service_level_id, code, starts_on, month, points, counted, earning, share FROM shared
    UNION ALL
    SELECT a.contract_id, e.service_level_id, e.code, e.starts_on, o.month, e.points, e.counted, e.earning, e.share
    FROM account AS a
    JOIN evaluation_month AS o ON o.contract_id = a.contract_id AND o.contract_id = ANY (%(contracts)s::bigint[]) AND o.month < a.from_month
        AND o.month >= a.from_month - interval '1 month' * a.look_back
    CROSS JOIN LATERAL jsonb_to_recordset(o.trace -> 'counted') AS e (
        service_level_id bigint, code text, starts_on date, points numeric, counted numeric, earning numeric, share numeric)
),

-- 18. Earn-back, by the version under which the credit was issued. `after: n`: met in each of the service level's next n periods; the share
-- returns in the month in which the n-th ends.
returnable AS MATERIALIZED (
    SELECT c.contract_id, c.service_level_id, c.code, c.starts_on, c.month, c.share, m.earn_after
    FROM credited AS c
    JOIN month AS m ON m.contract_id = c.contract_id AND m.month = c.month
    WHERE c.share <> 0 AND m.earn_after IS NOT NULL
),

-- The periods of their service levels in order, with how many so far were met; an exempt one decides nothing.
followed AS MATERIALIZED (
    SELECT r.service_level_id, r.starts_on, r.month, row_number() OVER w AS nth, count(*) FILTER (WHERE r.outcome = 'met') OVER w AS mets
    FROM windowed_result AS r
    WHERE r.outcome <> 'exempt' AND r.service_level_id IN (SELECT e.service_level_id FROM returnable AS e)
    WINDOW w AS (PARTITION BY r.service_level_id ORDER BY r.starts_on ROWS UNBOUNDED PRECEDING)
),

-- Which period would bring each back, and how many would be met by then. A step of its own: from here on it is one join.
awaited AS MATERIALIZED (
    SELECT e.*, f.nth + e.earn_after AS back_nth, f.mets + e.earn_after AS back_mets
    FROM returnable AS e
    JOIN followed AS f ON f.service_level_id = e.service_level_id AND f.starts_on = e.starts_on
),

-- `yearly_average`: when no slot of the contract year is pending or still to begin, and the mean of its values reaches the first band of
-- the last slot's terms. The value of an exempt period is shown and decides nothing.
contract_year AS (
    SELECT r.contract_id, r.service_level_id, y.year, least(max(y.ends), max(a.last_month)) AS back_in,
        (array_agg(r.better ORDER BY r.starts_on DESC))[1] AS better,
        (array_agg(r.first_low ORDER BY r.starts_on DESC))[1] AS low,
        (array_agg(r.first_high ORDER BY r.starts_on DESC))[1] AS high,
        round(round(sum(r.value) FILTER (WHERE r.outcome <> 'exempt'), 60)
            / nullif(count(r.value) FILTER (WHERE r.outcome <> 'exempt'), 0), 42) AS average,
        bool_or(r.outcome = 'pending') OR EXISTS (
            SELECT FROM slas_servicelevel AS s
            JOIN contracts_period AS p ON p.contract_id = s.contract_id AND p.cycle = s.cycle AND coalesce(p.starts_on <= s.ends_on, true)
            WHERE s.id = r.service_level_id AND p.starts_on > max(r.starts_on) AND p.month <= max(y.ends)
        ) AS open
    FROM windowed_result AS r
    JOIN account AS a ON a.contract_id = r.contract_id
    JOIN month AS m ON m.contract_id = r.contract_id AND m.month = r.month
    CROSS JOIN LATERAL (
        SELECT m.nth / 12 AS year, (a.first_month + interval '1 month' * (m.nth / 12 * 12 + 11))::date AS ends) AS y
    WHERE r.contract_id IN (SELECT v.contract_id FROM credits_version AS v WHERE v.earn_yearly)
    GROUP BY r.contract_id, r.service_level_id, y.year
),

earned AS MATERIALIZED (
    SELECT e.contract_id, e.code, e.starts_on, e.month, e.share, f.month AS back_in
    FROM awaited AS e
    JOIN followed AS f ON f.service_level_id = e.service_level_id AND f.nth = e.back_nth AND f.mets = e.back_mets
    UNION ALL
    SELECT c.contract_id, c.code, c.starts_on, c.month, c.share, y.back_in
    FROM credited AS c
    JOIN month AS m ON m.contract_id = c.contract_id AND m.month = c.month AND m.earn_yearly
    JOIN contract_year AS y ON y.service_level_id = c.service_level_id AND y.year = m.nth / 12 AND NOT y.open
    -- A first band without a threshold takes every value.
    WHERE c.share <> 0 AND y.average IS NOT NULL AND coalesce(CASE y.better
        WHEN 'higher' THEN y.average >= y.low WHEN 'lower' THEN y.average <= y.high ELSE y.average BETWEEN y.low AND y.high END, true)
),

earned_back AS MATERIALIZED (
    SELECT contract_id, back_in, sum(share) AS amount FROM earned GROUP BY contract_id, back_in
),

open_month AS MATERIALIZED (
    SELECT DISTINCT r.contract_id, r.month FROM windowed_result AS r WHERE r.outcome = 'pending'
),

money AS MATERIALIZED (
    SELECT d.contract_id, a.vendor_id, d.month, d.points,
        round(d.charge, d.minor_unit) AS charges,
        round(d.at_risk, d.minor_unit) AS at_risk,
        round(i.before_caps, d.minor_unit) AS credit_before_caps,
        i.credit,
        round(i.before_caps, d.minor_unit) - round(i.after_caps, d.minor_unit) AS capped_amount,
        coalesce(e.amount, 0) AS earned_back,
        i.capped,
        (d.month + interval '1 month')::date <= a.as_of AND p.month IS NULL AS final
    FROM due AS d
    JOIN account AS a ON a.contract_id = d.contract_id
    JOIN issued AS i ON i.contract_id = d.contract_id AND i.month = d.month
    LEFT JOIN earned_back AS e ON e.contract_id = d.contract_id AND e.back_in = d.month
    LEFT JOIN open_month AS p ON p.contract_id = d.contract_id AND p.month = d.month
)
