-- Write the scorecards, each with the stamp of the month it was built from: a month that is judged again has another.
-- What each KRA and service level adds to the score is listed here, where it is kept: a preview or a replay has no use for it.

-- The contract's 100 points: of each KRA that is due by its weight, and within it of each level that has a score by its own.
kra_points AS MATERIALIZED (
    SELECT k.*, CASE WHEN k.due THEN 100 * k.weight / nullif(t.due, 0) END AS points
    FROM kra_score AS k
    JOIN total AS t ON t.contract_id = k.contract_id AND t.month = k.month
),

listed AS MATERIALIZED (
    SELECT k.contract_id, k.month, k.kra_id,
        jsonb_build_object('kra', k.code, 'name', k.name, 'weight', k.weight, 'due', k.due, 'score', round(k.score, 12),
            'coverage', round(k.coverage, 12), 'points', round(k.points, 12), 'earned', round(k.points * k.score / 100, 12),
            'levels', coalesce(jsonb_agg(jsonb_build_array(p.code, round(l.points, 12), round(l.points * p.score / 100, 12))
                ORDER BY p.position) FILTER (WHERE p.code IS NOT NULL), '[]')) AS kra, k.position
    FROM kra_points AS k
    LEFT JOIN contribution AS p ON p.contract_id = k.contract_id AND p.month = k.month AND p.kra_id = k.kra_id AND NOT k.ended
    CROSS JOIN LATERAL (SELECT CASE WHEN p.score IS NOT NULL AND k.points > 0 THEN k.points * p.weight / nullif(k.scored, 0) END AS points) AS l
    GROUP BY k.contract_id, k.month, k.kra_id, k.code, k.name, k.weight, k.due, k.score, k.coverage, k.points, k.position
),

kras_listed AS MATERIALIZED (
    SELECT l.contract_id, l.month, jsonb_agg(l.kra ORDER BY l.position) AS list FROM listed AS l GROUP BY l.contract_id, l.month
),

written AS (
    INSERT INTO scorecards_scorecard AS o (
        organisation_id, vendor_id, contract_id, month, score, coverage, grade, provisional, kras, judged_at)
    SELECT %(organisation)s, n.vendor_id, n.contract_id, n.month, n.score, n.coverage, n.grade, n.provisional, coalesce(k.list, '[]'), m.judged_at
    FROM score AS n
    JOIN scored_month AS m ON m.contract_id = n.contract_id AND m.month = n.month
    LEFT JOIN kras_listed AS k ON k.contract_id = n.contract_id AND k.month = n.month
    ON CONFLICT (organisation_id, contract_id, month) DO UPDATE SET
        vendor_id = excluded.vendor_id, score = excluded.score, coverage = excluded.coverage, grade = excluded.grade,
        provisional = excluded.provisional, kras = excluded.kras, judged_at = excluded.judged_at
    RETURNING 1
)

SELECT count(*) FROM written
