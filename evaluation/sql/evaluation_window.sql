-- Of each contract: from which day on months are computed again, and how many months of judgements the calculation looks back on: as many as
-- earn-back (of any version) and the rules' windows have, a contract year where its average counts, all of them where a rule counts a run
-- that may have no end.
-- Caps look back on stored months alone.
-- Parameters: contracts, from_on, as_of (arrays of equal length).

evaluation_window AS MATERIALIZED (
    SELECT q.contract_id, q.from_on, q.as_of, b.look_back,
        (date_trunc('month', q.from_on) - interval '1 month' * b.look_back)::date AS since
    FROM unnest(%(contracts)s::bigint[], %(from_on)s::date[], %(as_of)s::date[]) AS q (contract_id, from_on, as_of)
    JOIN contracts_contract AS c ON c.id = q.contract_id AND c.id = ANY (%(contracts)s::bigint[])
    CROSS JOIN LATERAL (
        SELECT max(CASE s.cycle WHEN 'month' THEN 1 WHEN 'week' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 ELSE 1200 END) AS length
        FROM slas_servicelevel AS s WHERE s.contract_id = c.id
    ) AS cycle
    CROSS JOIN LATERAL (
        SELECT least(1200, greatest(0,
            (
                SELECT max(greatest(
                    CASE WHEN (v.credits #>> '{earn_back,yearly_average}')::boolean THEN 11 ELSE 0 END,
                    coalesce((v.credits #>> '{earn_back,after}')::int, 0) * cycle.length))
                FROM jsonb_array_elements(c.credits) AS v (credits)
            ),
            (
                SELECT max(CASE
                    WHEN r.rule ->> 'count' <> 'consecutive_defaults' THEN (r.rule ->> 'window')::int * cycle.length
                    WHEN r.rule ->> 'over' = 'service_level' AND jsonb_typeof(r.rule -> 'bands') IS DISTINCT FROM 'array'
                        AND r.rule ->> 'from' IS NULL THEN 1
                    ELSE 1200
                END)
                FROM jsonb_array_elements(c.rules) AS r (rule)
            )
        )) AS look_back
    ) AS b
)
