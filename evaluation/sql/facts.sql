-- What the parts of a slot come to together. CTEs only.

-- Sums over the parts; the period's own value where it is not their ratio. A quotient is carried with 60 decimals: figures have at most
-- 12 digits and 6 decimals, so that two different quotients differ by more than 10^-36. Most slots have one part, whose sides
-- are already the sums; only service levels that report by part are grouped, and only they bring the figures for the trace with them.
parted AS MATERIALIZED (
    SELECT DISTINCT f.service_level_id FROM measurements_figure AS f WHERE f.service_level_id = ANY (%(levels)s::bigint[]) AND f.part <> ''
),

fact AS MATERIALIZED (
    SELECT p.service_level_id, p.period_id, p.starts_on, p.month, p.due_on, p.terms_no, p.good, p.base,
        CASE
            WHEN p.mean_of_parts THEN round(round(p.good * p.scale, 60) / nullif(p.base, 0), 60)
            WHEN p.averaged THEN p.good
        END AS own_value,
        p.submission_id, nullif(p.incident, '') AS incident, NULL::jsonb AS parts,
        p.numerator, p.denominator, p.value AS given, p.downtime, p.maintenance, p.relieved, p.note
    FROM part AS p
    WHERE p.service_level_id NOT IN (SELECT service_level_id FROM parted)
    UNION ALL
    SELECT p.service_level_id, p.period_id, p.starts_on, p.month, p.due_on, p.terms_no, sum(p.good), sum(p.base),
        CASE
            WHEN p.mean_of_parts THEN round(
                round(sum(round(p.good * p.scale, 60) / nullif(p.base, 0)) FILTER (WHERE p.mean_of_parts), 60)
                / nullif(count(nullif(p.base, 0)) FILTER (WHERE p.mean_of_parts), 0), 60)
            WHEN p.averaged THEN sum(p.good)
        END,
        max(p.submission_id), CASE WHEN min(nullif(p.incident, '')) = max(p.incident) THEN max(p.incident) END,
        jsonb_agg(json_object(
            'part': nullif(p.part, ''), 'numerator': p.numerator, 'denominator': p.denominator, 'value': p.value,
            'downtime': p.downtime, 'maintenance': p.maintenance, 'relieved': p.relieved,
            'incident': nullif(p.incident, ''), 'note': nullif(p.note, '') ABSENT ON NULL RETURNING jsonb
        ) ORDER BY p.part) FILTER (WHERE p.submission_id IS NOT NULL),
        NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM part AS p
    WHERE p.service_level_id IN (SELECT service_level_id FROM parted)
    GROUP BY p.service_level_id, p.period_id, p.starts_on, p.month, p.due_on, p.terms_no, p.mean_of_parts, p.averaged
    UNION ALL
    -- No row, ever; but the planner expects so many (a share's), and so hashes the small side of each join that follows.
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM generate_series(1, 24000) WHERE current_setting('app.organisation_id') = ''
)
