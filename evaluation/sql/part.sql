-- 3. Exclusions: what each part contributes to the two sides after maintenance and relief.
-- A column that a part does not have counts as 0; maintenance beyond the allowance is downtime. `maintained`, `down` and `lost` (downtime less
-- relief) are how they come about, for an explanation, which gives this step the figures of a stored judgement (stated_figures.sql).
part AS NOT MATERIALIZED (
    SELECT s.service_level_id, s.period_id, s.starts_on, s.month, s.due_on, s.terms_no, s.scale, s.averaged, s.mean_of_parts,
        g.good, CASE WHEN f.submission_id IS NOT NULL THEN d.base END AS base, x.maintained, x.down, greatest(x.down - x.relieved, 0) AS lost,
        f.submission_id, f.part, f.numerator, f.denominator, f.value, f.downtime, f.maintenance, f.relieved, f.incident, f.note
    FROM slot AS s
    LEFT JOIN figure AS f ON f.service_level_id = s.service_level_id AND f.period_id = s.period_id
    CROSS JOIN LATERAL (
        SELECT coalesce(f.relieved, 0) AS relieved,
            least(coalesce(f.maintenance, 0), coalesce(s.maintenance_allowance, f.maintenance, 0)) AS maintained,
            coalesce(f.downtime, 0) + coalesce(f.maintenance, 0)
                - least(coalesce(f.maintenance, 0), coalesce(s.maintenance_allowance, f.maintenance, 0)) AS down
    ) AS x
    CROSS JOIN LATERAL (
        SELECT CASE s.kind
            WHEN 'ratio' THEN greatest(f.denominator - CASE s.relief WHEN 'exclude' THEN x.relieved ELSE 0 END, 0)
            WHEN 'availability' THEN greatest(
                s.minutes - CASE s.maintenance WHEN 'excluded' THEN x.maintained ELSE 0 END
                - CASE s.relief WHEN 'exclude' THEN x.relieved ELSE 0 END, 0)
            ELSE 1
        END AS base
    ) AS d
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN f.submission_id IS NULL THEN NULL  -- greatest() would make it 0
            WHEN s.kind = 'value' THEN f.value
            WHEN s.kind = 'count' THEN greatest(f.value - x.relieved, 0)
            WHEN s.kind = 'availability'
                THEN d.base - greatest(x.down - x.relieved, 0) - CASE s.maintenance WHEN 'downtime' THEN x.maintained ELSE 0 END
            WHEN s.better = 'lower' THEN greatest(f.numerator - x.relieved, 0)
            WHEN s.share THEN least(f.numerator + CASE s.relief WHEN 'deem_met' THEN x.relieved ELSE 0 END, d.base)
            ELSE f.numerator + CASE s.relief WHEN 'deem_met' THEN x.relieved ELSE 0 END
        END AS good
    ) AS g
)
