-- Write the scorecards that differ; those that were looked at are stamped, so that they are not looked at again.

written AS (
    INSERT INTO scorecards_scorecard AS o (
        organisation_id, vendor_id, contract_id, month, score, coverage, grade, provisional, kras, built_at)
    SELECT %(organisation)s, n.vendor_id, n.contract_id, n.month, n.score, n.coverage, n.grade, n.provisional, n.kras, %(now)s
    FROM score AS n
    ON CONFLICT (organisation_id, contract_id, month) DO UPDATE SET
        vendor_id = excluded.vendor_id, score = excluded.score, coverage = excluded.coverage, grade = excluded.grade,
        provisional = excluded.provisional, kras = excluded.kras, built_at = excluded.built_at
    RETURNING 1
)

SELECT count(*) FROM written
