-- For each of some words that begins no word of a name in scope: the word of a name that is most like it.
WITH named AS (
    SELECT name AS said FROM organisations_vendor
    UNION ALL SELECT title FROM contracts_contract
    UNION ALL SELECT reference FROM contracts_contract
    UNION ALL SELECT name FROM slas_servicelevel
    UNION ALL SELECT code FROM slas_servicelevel
    UNION ALL SELECT name FROM organisations_membership
), word AS MATERIALIZED (
    SELECT DISTINCT part FROM named, regexp_split_to_table(lower(said), '[\s,;:()"“”/]+') AS part WHERE length(part) > 2
)
SELECT DISTINCT ON (asked) asked, part
FROM unnest(%(words)s::text[]) AS asked
JOIN word ON similarity(asked, part) >= %(alike)s
WHERE NOT EXISTS (SELECT FROM word AS there WHERE starts_with(there.part, asked))
ORDER BY asked, similarity(asked, part) DESC, part
