-- Write the months and triggered rules that differ, and strike triggered rules that no longer hold. Months from `changed_from` on are stamped in any
-- case: results in them changed, and what is built on a month (its scorecard) finds by the stamp that it must be built again.
-- How a month came about is put together here, where it is kept: a preview or a replay of two hundred service levels has no use for it.

shares_listed AS MATERIALIZED (
    SELECT contract_id, month, jsonb_agg(json_object('service_level_id': service_level_id, 'code': code, 'starts_on': starts_on,
        'points': points, 'counted': counted, 'earning': earning, 'share': share RETURNING jsonb) ORDER BY code COLLATE "C", starts_on) AS list
    FROM shared GROUP BY contract_id, month
),

earned_listed AS MATERIALIZED (
    SELECT contract_id, back_in, jsonb_agg(json_object('code': code, 'starts_on': starts_on,
        'month': month, 'share': share RETURNING jsonb) ORDER BY code COLLATE "C", starts_on) AS list
    FROM earned GROUP BY contract_id, back_in
),

traced AS MATERIALIZED (
    SELECT n.*,
        json_object(
            'counted': s.list, 'earning': d.earning, 'units': d.units, 'worth': d.worth, 'bedding': d.bedding,
            'caps': c.list, 'room': i.headroom, 'after_caps': round(i.after_caps, 6), 'earned': e.list ABSENT ON NULL RETURNING jsonb) AS trace
    FROM money AS n
    JOIN due AS d ON d.contract_id = n.contract_id AND d.month = n.month
    JOIN issued AS i ON i.contract_id = n.contract_id AND i.month = n.month
    LEFT JOIN cap AS c ON c.contract_id = n.contract_id AND c.month = n.month
    LEFT JOIN shares_listed AS s ON s.contract_id = n.contract_id AND s.month = n.month
    LEFT JOIN earned_listed AS e ON e.contract_id = n.contract_id AND e.back_in = n.month
),

touched AS (
    SELECT t.contract_id, date_trunc('month', t.from_on)::date AS month
    FROM unnest(%(contracts)s::bigint[], %(changed_from)s::date[]) AS t (contract_id, from_on)
),

written AS (
    INSERT INTO evaluation_month AS o (
        organisation_id, vendor_id, contract_id, month, points, charges, at_risk, credit_before_caps, credit, capped_amount, earned_back, capped,
        final, trace, judged_at)
    SELECT %(organisation)s, n.vendor_id, n.contract_id, n.month, n.points, n.charges, n.at_risk, n.credit_before_caps, n.credit, n.capped_amount,
        n.earned_back, n.capped, n.final, n.trace, %(now)s
    FROM traced AS n
    JOIN touched AS t ON t.contract_id = n.contract_id
    LEFT JOIN evaluation_month AS p ON p.contract_id = n.contract_id AND p.month = n.month
        AND p.contract_id = ANY (%(contracts)s::bigint[]) AND p.month >= (SELECT min(a.from_month) FROM account AS a)
    WHERE p.id IS NULL OR n.month >= t.month
        OR (p.points, p.charges, p.at_risk, p.credit_before_caps, p.credit, p.capped_amount, p.earned_back, p.capped, p.final, p.trace)
        IS DISTINCT FROM
            (n.points, n.charges, n.at_risk, n.credit_before_caps, n.credit, n.capped_amount, n.earned_back, n.capped, n.final, n.trace)
    ON CONFLICT (organisation_id, contract_id, month) DO UPDATE SET
        vendor_id = excluded.vendor_id, points = excluded.points, charges = excluded.charges, at_risk = excluded.at_risk,
        credit_before_caps = excluded.credit_before_caps, credit = excluded.credit, capped_amount = excluded.capped_amount,
        earned_back = excluded.earned_back, capped = excluded.capped, final = excluded.final, trace = excluded.trace,
        judged_at = excluded.judged_at
    RETURNING 1
),

struck AS (
    DELETE FROM evaluation_triggeredrule AS f USING account AS a
    WHERE f.contract_id = a.contract_id AND f.month >= a.from_month
        AND f.contract_id = ANY (%(contracts)s::bigint[]) AND f.month >= (SELECT min(x.from_month) FROM account AS x) AND NOT EXISTS (
        SELECT FROM triggered_rule AS n WHERE n.contract_id = f.contract_id AND n.month = f.month AND n.rule = f.rule
            AND n.service_level_id IS NOT DISTINCT FROM f.service_level_id)
    RETURNING 1
),

saved_rules AS (
    INSERT INTO evaluation_triggeredrule AS o (
        organisation_id, vendor_id, contract_id, month, rule, service_level_id, measured, "then", judged_at)
    SELECT %(organisation)s, n.vendor_id, n.contract_id, n.month, n.rule, n.service_level_id, n.measured, n.then, %(now)s
    FROM triggered_rule AS n
    LEFT JOIN evaluation_triggeredrule AS p ON p.contract_id = n.contract_id AND p.month = n.month AND p.rule = n.rule
        AND p.service_level_id IS NOT DISTINCT FROM n.service_level_id
        AND p.contract_id = ANY (%(contracts)s::bigint[]) AND p.month >= (SELECT min(a.from_month) FROM account AS a)
    WHERE p.id IS NULL OR (p.measured, p.then) IS DISTINCT FROM (n.measured, n.then)
    ON CONFLICT (organisation_id, contract_id, month, rule, service_level_id) DO UPDATE SET
        measured = excluded.measured, "then" = excluded.then, judged_at = excluded.judged_at
    RETURNING 1
)

SELECT (SELECT count(*) FROM written) + (SELECT count(*) FROM struck) + (SELECT count(*) FROM saved_rules)
