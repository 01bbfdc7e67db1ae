-- The stored judgements, some of them without their points: what a month would come to if those did not count. `levels` are ids of results.

windowed_result AS MATERIALIZED (
    SELECT r.contract_id, r.service_level_id, r.code, r.starts_on, r.month, r.outcome, r.band_name, r.streak,
        CASE WHEN w.id IS NULL THEN r.points ELSE 0 END AS points,
        r.score, r.value, r.incident, r.measured, r.credits_from, r.exempt_streak, r.better, r.first_low, r.first_high
    FROM result AS r
    LEFT JOIN evaluation_result AS w
        ON w.service_level_id = r.service_level_id AND w.starts_on = r.starts_on AND w.id = ANY (%(levels)s::bigint[])
)
