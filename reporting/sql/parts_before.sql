-- By which parts a contract's service levels were ever reported for earlier months. Returned figures that their vendor changes are closed to the
-- client, as drafts are. Parameters: contract, month (first day), of_client (whether whoever looks is of the client).

SELECT DISTINCT f.service_level_id, f.part
FROM measurements_submission AS b
JOIN measurements_figure AS f ON f.submission_id = b.id AND f.part > ''
WHERE b.contract_id = %(contract)s AND b.month < %(month)s AND b.status <> 'draft'
    AND NOT (%(of_client)s::boolean AND b.status = 'returned' AND b.by_vendor AND coalesce(b.saved_at > b.decided_at, false))
ORDER BY f.part
