-- The stored judgements of the evaluated contracts, as far as the calculation looks back. They were made by the stored terms, whatever a
-- replay puts in their place: hence `public.`.

-- What is said of a service level comes with its terms: rows are many, and so meet one small table only.
clause AS MATERIALIZED (
    SELECT t.id, s.code, q.since, (t.full ->> 'credits_from')::date AS credits_from, t.full ->> 'exempt_streak' AS exempt_streak, t.full ->> 'better' AS better,
        coalesce(t.full #>> '{bands,0,low}', t.full #>> '{bands,0,at}')::numeric AS first_low,
        coalesce(t.full #>> '{bands,0,high}', t.full #>> '{bands,0,at}')::numeric AS first_high
    FROM evaluation_window AS q
    JOIN slas_servicelevel AS s ON s.contract_id = q.contract_id AND s.contract_id = ANY (%(contracts)s::bigint[])
    JOIN public.slas_terms AS t ON t.service_level_id = s.id AND t.service_level_id = ANY (
        ARRAY(SELECT x.id FROM slas_servicelevel AS x WHERE x.contract_id = ANY (%(contracts)s::bigint[])))
),

result AS (
    SELECT r.contract_id, r.service_level_id, t.code, r.starts_on, r.month, r.outcome, r.band_name, r.streak, r.points, r.score, r.value,
        r.incident, r.band IS NOT NULL AS measured, t.credits_from, t.exempt_streak, t.better, t.first_low, t.first_high
    FROM evaluation_result AS r
    JOIN clause AS t ON t.id = r.terms_id AND r.month >= t.since
    WHERE r.contract_id = ANY (%(contracts)s::bigint[]) AND r.month >= (SELECT min(x.since) FROM evaluation_window AS x)
)
