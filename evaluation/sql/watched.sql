-- Step 19, first half: the rules of each contract, and what each slot contributes to them. CTEs only.
-- Reads `windowed_result`, `account` and `credited`.

rule AS MATERIALIZED (
    SELECT a.contract_id, a.from_month, a.until, e.n::int AS rule_no, r.name, r.over, r.count, r.window, r.at_least, r.more_than, r.bands,
        r.then, r."from" AS sees_from, r.until AS holds_until
    FROM account AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.rules) WITH ORDINALITY AS e (rule, n)
    CROSS JOIN LATERAL jsonb_to_record(e.rule) AS r (
        name text, over text, count text, "window" int, at_least numeric, more_than numeric, bands text[], "then" text,
        "from" date, until date)
),

-- A rule sees nothing that ended before its first day. Where this is not the first of a month, these are the periods of that month which it
-- does not see.
unseen AS MATERIALIZED (
    SELECT u.contract_id, u.rule_no, s.id AS service_level_id, p.starts_on
    FROM rule AS u
    JOIN contracts_period AS p ON p.contract_id = u.contract_id AND p.month = date_trunc('month', u.sees_from)::date AND p.ends_on < u.sees_from
        AND p.contract_id = ANY (%(contracts)s::bigint[])
    JOIN slas_servicelevel AS s ON s.contract_id = p.contract_id AND s.cycle = p.cycle AND s.contract_id = ANY (%(contracts)s::bigint[])
),

-- One row for each rule and slot: what the slot contributes, which may be nothing. A slot without a band is in no band that a rule names. Most slots
-- went well and matter to few rules (`contributes`): whoever reads this says which rows it needs, before they are put together.
watched AS (
    SELECT u.contract_id, u.rule_no, u.over, u.count, u.window, u.bands IS NULL AND u.sees_from IS NULL AS any_run, r.service_level_id, r.starts_on, r.month,
        r.outcome <> 'pending' AS judged, r.streak > 0 OR r.points <> 0 AS contributes, u.at_least <= 0 OR u.more_than < 0 AS always, q.hit,
        (r.outcome IN ('met', 'miss', 'default') OR r.streak > 0) AS weighed,
        CASE WHEN q.named THEN coalesce(c.counted, 0) ELSE 0 END AS points,
        coalesce(c.share, 0) AS share,
        r.streak,
        NOT q.hit AND NOT (
            r.outcome IN ('exempt', 'no_volume') AND r.exempt_streak = 'neutral'
            OR r.outcome IN ('pending', 'not_measured') AND r.streak = 0) AS breaks
    FROM rule AS u
    JOIN windowed_result AS r ON r.contract_id = u.contract_id AND (u.sees_from IS NULL OR r.month >= date_trunc('month', u.sees_from))
    LEFT JOIN unseen AS x ON x.contract_id = u.contract_id AND x.rule_no = u.rule_no AND x.service_level_id = r.service_level_id
        AND x.starts_on = r.starts_on
    LEFT JOIN credited AS c ON c.service_level_id = r.service_level_id AND c.starts_on = r.starts_on
    CROSS JOIN LATERAL (SELECT b.named, r.streak > 0 AND b.named AS hit
        FROM (SELECT u.bands IS NULL OR coalesce(r.band_name = ANY (u.bands), false) AS named) AS b) AS q
    WHERE x.rule_no IS NULL
)
