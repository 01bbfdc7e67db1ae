-- Write the scorecards, each with the stamp of the month it was built from: a month that is judged again has another.

written AS (
    INSERT INTO scorecards_scorecard AS o (
        organisation_id, vendor_id, contract_id, month, score, coverage, grade, provisional, kras, judged_at)
    SELECT %(organisation)s, n.vendor_id, n.contract_id, n.month, n.score, n.coverage, n.grade, n.provisional, n.kras, m.judged_at
    FROM score AS n
    JOIN scored_month AS m ON m.contract_id = n.contract_id AND m.month = n.month
    ON CONFLICT (organisation_id, contract_id, month) DO UPDATE SET
        vendor_id = excluded.vendor_id, score = excluded.score, coverage = excluded.coverage, grade = excluded.grade,
        provisional = excluded.provisional, kras = excluded.kras, judged_at = excluded.judged_at
    RETURNING 1
)

SELECT count(*) FROM written
