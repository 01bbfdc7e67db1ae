-- The judgements that months, rules and scores are computed from: those that are stored.

windowed_result AS MATERIALIZED (
    SELECT * FROM result
)
