-- How an organisation stands, in one row: people, invitations, keys, letters, who is in charge, what waits and since when.
SELECT
    (SELECT count(*) FROM organisations_membership AS m WHERE m.is_active AND m.user_id IS NOT NULL AND m.vendor_id IS NULL) AS staff,
    (SELECT count(*) FROM organisations_membership AS m WHERE m.is_active AND m.user_id IS NOT NULL AND m.vendor_id IS NOT NULL) AS vendors,
    (SELECT count(*) FROM organisations_membership AS m
        WHERE m.is_active AND m.user_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM organisations_presence AS p
            WHERE p.organisation_id = m.organisation_id AND p.member_id = m.id AND p.factor <> 'none'
        )) AS without_factor,
    (SELECT count(*) FROM organisations_invitation AS i WHERE i.status = 'open' AND i.expires_at > %(now)s) AS invitations,
    (SELECT min(i.expires_at) FROM organisations_invitation AS i WHERE i.status = 'open' AND i.expires_at > %(now)s) AS invitation_ends,
    (SELECT count(*) FROM organisations_apikey AS k WHERE k.revoked_at IS NULL AND k.expires_at > %(now)s) AS keys,
    (SELECT min(k.expires_at) FROM organisations_apikey AS k
        WHERE k.revoked_at IS NULL AND k.expires_at > %(now)s AND k.rotated_at IS NULL) AS key_ends,
    (SELECT count(*) FROM notifications_notification AS n WHERE n.given_up_at > %(week)s AND n.tries > 0)
        + (SELECT count(*) FROM notifications_invitationletter AS l
            JOIN organisations_invitation AS i ON i.organisation_id = l.organisation_id AND i.id = l.invitation_id AND i.edition = l.edition
            WHERE l.given_up_at > %(week)s AND i.status = 'open' AND i.expires_at > %(now)s) AS letters_lost,
    (SELECT count(DISTINCT n.mail_id) FROM notifications_notification AS n WHERE n.sent_at > %(week)s)
        + (SELECT count(*) FROM notifications_invitationletter AS l WHERE l.sent_at > %(week)s) AS letters_sent,
    least(
        (SELECT min(n.due_at) FROM notifications_notification AS n
            WHERE n.sent_at IS NULL AND n.given_up_at IS NULL AND n.due_at <= %(now)s),
        (SELECT min(l.due_at) FROM notifications_invitationletter AS l
            WHERE l.sent_at IS NULL AND l.given_up_at IS NULL AND l.due_at <= %(now)s)) AS letter_waits,
    (SELECT count(*) FROM contracts_reevaluation AS r WHERE r.from_on IS NOT NULL) AS to_judge,
    (SELECT count(*) FROM contracts_reevaluation AS r WHERE r.failures > 0) AS failing,
    (SELECT min(r.failing_since) FROM contracts_reevaluation AS r WHERE r.failures > 0) AS failing_since,
    (SELECT min(e.at) FROM audit_entry AS e
        WHERE e.id > (SELECT coalesce(max(s.last_entry), 0) FROM audit_seal AS s)) AS unsealed_since,
    (SELECT max(s.sealed_at) FROM audit_seal AS s) AS sealed_at,
    c.contracts, c.with_account_manager, c.with_procurement, c.with_vendor_contact
FROM (
    SELECT count(*) AS contracts,
        count(*) FILTER (WHERE 'account_manager' = ANY (o.duties)) AS with_account_manager,
        count(*) FILTER (WHERE 'procurement' = ANY (o.duties)) AS with_procurement,
        count(*) FILTER (WHERE 'vendor_contact' = ANY (o.duties)) AS with_vendor_contact
    FROM contracts_contract AS c
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT o.duty::text) AS duties FROM contracts_owner AS o
        WHERE o.organisation_id = c.organisation_id AND o.contract_id = c.id AND NOT o.is_deputy
          AND o.starts_on <= %(now)s::date AND (o.ends_on IS NULL OR o.ends_on >= %(now)s::date)
    ) AS o
    WHERE c.starts_on <= %(now)s::date AND (c.ends_on IS NULL OR c.ends_on >= %(now)s::date)
) AS c
