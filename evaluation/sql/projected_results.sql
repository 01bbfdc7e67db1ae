-- The judgements that months, rules and scores are computed from: what would be judged now, and stored judgements of what is not judged
-- again. For a preview or a replay, which may leave out slots that were judged. Reads `terms`, `judged`, `evaluation_window` and `result`.

windowed_result AS MATERIALIZED (
    SELECT j.contract_id, j.service_level_id, s.code, j.starts_on, j.month, j.outcome, j.band_name, j.streak, j.points, j.score, j.value,
        j.incident, j.band IS NOT NULL AS measured, t.credits_from, t.exempt_streak, t.better, t.low[1] AS first_low, t.high[1] AS first_high,
        j.factor, true AS is_new
    FROM judged AS j
    JOIN terms AS t ON t.terms_no = j.terms_no
    JOIN slas_servicelevel AS s ON s.id = j.service_level_id AND s.id = ANY (%(levels)s::bigint[])
    UNION ALL
    SELECT r.*, NULL, false
    FROM result AS r
    JOIN evaluation_window AS q ON q.contract_id = r.contract_id
    WHERE r.starts_on < q.from_on OR r.service_level_id <> ALL (%(levels)s::bigint[])
)
