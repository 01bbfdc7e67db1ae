-- The stored judgements of the evaluated contracts, as far as the calculation looks back. They were made by the stored terms, whatever a
-- replay puts in their place: hence `public.`.

clause AS MATERIALIZED (
    SELECT t.id, (t.full ->> 'credits_from')::date AS credits_from, t.full ->> 'exempt_streak' AS exempt_streak, t.full ->> 'better' AS better,
        coalesce(t.full #>> '{bands,0,low}', t.full #>> '{bands,0,at}')::numeric AS first_low,
        coalesce(t.full #>> '{bands,0,high}', t.full #>> '{bands,0,at}')::numeric AS first_high
    FROM public.slas_terms AS t
    WHERE t.service_level_id = ANY (ARRAY(SELECT s.id FROM slas_servicelevel AS s WHERE s.contract_id = ANY (%(contracts)s::bigint[])))
),

result AS (
    SELECT r.contract_id, r.service_level_id, s.code, r.starts_on, r.month, r.outcome, r.band_name, r.streak, r.points, r.score, r.value,
        r.incident, r.band IS NOT NULL AS measured, t.credits_from, t.exempt_streak, t.better, t.first_low, t.first_high
    FROM evaluation_window AS q
    JOIN evaluation_result AS r ON r.contract_id = q.contract_id AND r.month >= q.since
        AND r.contract_id = ANY (%(contracts)s::bigint[]) AND r.month >= (SELECT min(x.since) FROM evaluation_window AS x)
    JOIN slas_servicelevel AS s ON s.id = r.service_level_id AND s.contract_id = ANY (%(contracts)s::bigint[])
    JOIN clause AS t ON t.id = r.terms_id
)
