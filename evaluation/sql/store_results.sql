-- Write what differs, and nothing else: a second run writes no row. What a restatement replaces is kept with its reason.
-- The submission's number alone is no difference: a correction of one service level leaves the others of the month as they were.

stored AS MATERIALIZED (
    SELECT * FROM evaluation_result AS r
    WHERE r.contract_id = ANY (%(contracts)s::bigint[])
        AND r.month >= (SELECT date_trunc('month', min(a.from_on))::date FROM requested AS a)
),

-- NOT IN is answered from a table of what is stored, which on a first run is nothing; a join would make one of all that was judged.
added AS (
    INSERT INTO evaluation_result (
        organisation_id, vendor_id, contract_id, service_level_id, period_id, terms_id, starts_on, month, submission_id, outcome, band,
        band_name, band_outcome, value, numerator, denominator, own_value, consecutive_defaults, streak, factor, points, score, incident, trace,
        judged_at, revision)
    SELECT
        %(organisation)s, j.vendor_id, j.contract_id, j.service_level_id, j.period_id, j.terms_id, j.starts_on, j.month,
        j.submission_id, j.outcome, j.band, j.band_name, j.band_outcome, j.value, j.numerator, j.denominator, j.own_value, j.consecutive_defaults,
        j.streak, j.factor, j.points, j.score, j.incident, j.trace, %(now)s, 1
    FROM judged AS j
    WHERE (j.service_level_id, j.starts_on) NOT IN (SELECT o.service_level_id, o.starts_on FROM stored AS o)
    RETURNING contract_id, month
),

differing AS MATERIALIZED (
    SELECT j.*, o.id AS stored_id
    FROM stored AS o
    JOIN judged AS j ON j.service_level_id = o.service_level_id AND j.starts_on = o.starts_on
    WHERE (o.outcome, o.band, o.band_name, o.band_outcome, o.value, o.numerator, o.denominator, o.own_value, o.consecutive_defaults, o.streak,
            o.factor, o.points, o.score, o.incident, o.terms_id, o.month)
        IS DISTINCT FROM
            (j.outcome, j.band, j.band_name, j.band_outcome, j.value, j.numerator, j.denominator, j.own_value, j.consecutive_defaults, j.streak,
            j.factor, j.points, j.score, j.incident, j.terms_id, j.month)
        OR (j.submission_id IS DISTINCT FROM o.submission_id OR j.looks_back OR j.outcome = 'pending') AND j.trace IS DISTINCT FROM o.trace
),

restated AS (
    UPDATE evaluation_result AS r SET
        vendor_id = c.vendor_id, contract_id = c.contract_id, period_id = c.period_id, terms_id = c.terms_id, month = c.month,
        submission_id = c.submission_id, outcome = c.outcome, band = c.band, band_name = c.band_name, band_outcome = c.band_outcome,
        value = c.value, numerator = c.numerator, denominator = c.denominator, own_value = c.own_value, consecutive_defaults = c.consecutive_defaults,
        streak = c.streak, factor = c.factor, points = c.points, score = c.score, incident = c.incident, trace = c.trace,
        judged_at = %(now)s, revision = r.revision + CASE WHEN r.outcome = 'pending' THEN 0 ELSE 1 END
    FROM differing AS c
    WHERE r.id = c.stored_id AND r.id = ANY (ARRAY(SELECT x.stored_id FROM differing AS x))
),

-- The rows as they were: every step of a statement sees the tables as they stood when it began (`RETURNING old.*` is new in 18).
replaced AS (
    SELECT r.*, c.submission_id AS reported_in, c.outcome AS becomes, r.terms_id <> c.terms_id AS other_terms,
        r.trace -> 'figures' IS DISTINCT FROM c.trace -> 'figures' AS other_figures
    FROM differing AS c
    JOIN evaluation_result AS r ON r.id = c.stored_id AND r.id = ANY (ARRAY(SELECT x.stored_id FROM differing AS x))
),

-- A slot's own reason; null where nothing of its own changed, and it follows from an earlier slot of its service level.
reasoned AS MATERIALIZED (
    SELECT o.*,
        CASE
            WHEN o.other_figures AND o.outcome = 'pending' THEN 'Reported'
            WHEN o.other_figures AND o.outcome = 'not_measured' THEN 'Reported late'
            WHEN o.other_figures THEN 'Figures corrected' || coalesce(': ' || nullif(b.reason, ''), '')
            WHEN o.other_terms THEN 'Terms revised'
            WHEN o.outcome = 'pending' AND o.becomes <> 'pending' THEN 'Not reported when due'
        END AS reason
    FROM replaced AS o
    LEFT JOIN measurements_submission AS b ON b.id = o.reported_in AND b.contract_id = ANY (%(contracts)s::bigint[])
),

followed AS MATERIALIZED (
    SELECT r.*, CASE WHEN r.reason IS NULL THEN max(r.starts_on) FILTER (WHERE r.reason IS NOT NULL) OVER (
        PARTITION BY r.service_level_id ORDER BY r.starts_on ROWS UNBOUNDED PRECEDING) END AS follows_from
    FROM reasoned AS r
),

kept AS (
    INSERT INTO evaluation_pastresult (
        organisation_id, vendor_id, contract_id, service_level_id, period_id, terms_id, starts_on, month, submission_id, outcome, band,
        band_name, band_outcome, value, numerator, denominator, own_value, consecutive_defaults, streak, factor, points, score, incident, trace,
        judged_at, revision, restated_at, follows_from, restated_because)
    SELECT
        o.organisation_id, o.vendor_id, o.contract_id, o.service_level_id, o.period_id, o.terms_id, o.starts_on, o.month,
        o.submission_id, o.outcome, o.band, o.band_name, o.band_outcome, o.value, o.numerator, o.denominator, o.own_value, o.consecutive_defaults,
        o.streak, o.factor, o.points, o.score, o.incident, o.trace, o.judged_at, o.revision, %(now)s, o.follows_from,
        coalesce(
            o.reason,
            'Follows from ' || CASE p.cycle WHEN 'month' THEN to_char(p.starts_on, 'FMMonth YYYY') ELSE p.label END || ', '
                || lower(left(c.reason, 1)) || substr(c.reason, 2),
            'Follows from a change in an earlier period')
    FROM followed AS o
    LEFT JOIN reasoned AS c ON c.service_level_id = o.service_level_id AND c.starts_on = o.follows_from
    LEFT JOIN contracts_period AS p ON p.id = c.period_id AND p.contract_id = ANY (%(contracts)s::bigint[])
    WHERE o.outcome <> 'pending'
)

SELECT contract_id, min(month)
FROM (SELECT contract_id, month FROM added UNION ALL SELECT contract_id, month FROM differing) AS changed
GROUP BY contract_id
