-- The figures of a stored judgement, as its trace has them, in place of those of the tables: for the step `part` alone, which then says what each
-- came to. Reads `stated`, one row: trace, measure, clauses (the terms in full), minutes and working minutes of the period. CTEs only.

slot AS (
    SELECT 0 AS service_level_id, 0 AS period_id, NULL::date AS starts_on, NULL::date AS month, NULL::date AS due_on,
        NULL::bigint AS terms_no, NULL::numeric AS scale, false AS averaged, false AS mean_of_parts,
        m.kind, s.clauses ->> 'better' AS better, s.clauses ->> 'relief' AS relief, m.maintenance, m.maintenance_allowance,
        m.kind = 'ratio' AND m.unit = 'percent' AS share,
        CASE m.hours WHEN 'calendar' THEN s.working_minutes WHEN 'always' THEN s.minutes END AS minutes
    FROM stated AS s
    CROSS JOIN LATERAL jsonb_to_record(s.measure) AS m (
        kind text, unit text, hours text, maintenance text, maintenance_allowance numeric)
),

figure AS (
    SELECT 0 AS submission_id, 0 AS service_level_id, 0 AS period_id, coalesce(f.part, '') AS part, f.numerator, f.denominator, f.value, f.downtime, f.maintenance,
        f.relieved, f.incident, f.note
    FROM stated AS s
    CROSS JOIN LATERAL jsonb_to_recordset(s.trace -> 'figures') AS f (
        part text, numerator numeric, denominator numeric, value numeric, downtime numeric, maintenance numeric, relieved numeric,
        incident text, note text)
)
