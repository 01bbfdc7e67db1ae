-- How grave the live breaches of contracts are that were judged since, from the band that each result reached: of several bands that count as
-- a default the worst is critical and the mildest minor, as is a tolerated miss too many; all else is major. Returns those that changed and
-- that nobody has acknowledged. Parameters: organisation, contracts, live.
WITH grave AS (
    SELECT b.id, CASE
            WHEN r.band IS NULL OR d.bands < 2 THEN 'major'
            WHEN r.band >= d.worst THEN 'critical'
            WHEN r.band <= d.mildest THEN 'minor'
            ELSE 'major'
        END AS severity
    FROM breaches_breach AS b
    JOIN evaluation_result AS r ON r.organisation_id = b.organisation_id AND r.service_level_id = b.service_level_id
        AND r.starts_on = b.starts_on
    JOIN slas_terms AS t ON t.organisation_id = r.organisation_id AND t.id = r.terms_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS bands, min(e.nth) AS mildest, max(e.nth) AS worst
        FROM jsonb_array_elements(t."full" -> 'bands') WITH ORDINALITY AS e (band, nth)
        WHERE e.band ->> 'outcome' = 'default'
    ) AS d
    WHERE b.organisation_id = %(organisation)s AND b.contract_id = ANY (%(contracts)s) AND b.status = ANY (%(live)s)
)
UPDATE breaches_breach AS b SET severity = g.severity, version = b.version + 1
FROM grave AS g
WHERE b.organisation_id = %(organisation)s AND b.id = g.id AND b.severity <> g.severity
RETURNING b.id
