-- Write the scorecards, each with the stamp of the month it was built from: a month that is judged again has another.
-- What each KRA and service level adds to the score is listed here, where it is kept: a preview or a replay has no use for it.

-- The contract's 100 points: of each KRA that is due by its weight, and within it of each level that has a score by its own.
kra_points AS MATERIALIZED (
    SELECT k.*, CASE WHEN k.due THEN 100 * k.weight / nullif(t.due, 0) END AS points
    FROM kra_score AS k
    JOIN total AS t ON t.contract_id = k.contract_id AND t.month = k.month
),

-- Listed as text, which becomes a document once, when a month's list is whole.
levels_listed AS (
    SELECT l.contract_id, l.month, l.kra_id,
        ('[' || string_agg(concat('[', to_json(l.code), ',', coalesce(round(l.points, 12)::text, 'null'), ',',
            coalesce(round(l.points * l.score * 0.01, 12)::text, 'null'), ']'), ',' ORDER BY l.position) || ']')::json AS list
    FROM (
        SELECT p.contract_id, p.month, p.kra_id, p.code, p.position, p.score,
            CASE WHEN p.score IS NOT NULL AND k.points > 0 THEN k.points * p.weight / nullif(k.scored, 0) END AS points
        FROM contribution AS p
        JOIN kra_points AS k ON k.contract_id = p.contract_id AND k.month = p.month AND k.kra_id = p.kra_id AND NOT k.ended
        OFFSET 0
    ) AS l
    GROUP BY l.contract_id, l.month, l.kra_id
),

kras_listed AS (
    SELECT k.contract_id, k.month, json_agg(
        json_build_object('kra', k.code, 'name', k.name, 'weight', k.weight, 'due', k.due, 'score', round(k.score, 12),
            'coverage', round(k.coverage, 12), 'points', round(k.points, 12), 'earned', round(k.points * k.score / 100, 12),
            'levels', coalesce(l.list, '[]')) ORDER BY k.position)::jsonb AS list
    FROM kra_points AS k
    LEFT JOIN levels_listed AS l ON l.contract_id = k.contract_id AND l.month = k.month AND l.kra_id = k.kra_id
    GROUP BY k.contract_id, k.month
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
