-- What needs an administrator, the most urgent first: keys and invitations that end, addresses and letters that came back.
SELECT n.kind, n.id, n.name, n.more, n.at
FROM (
    SELECT 'key' AS kind, k.id, k.name, o.name AS more, k.expires_at AS at, 1 AS place
    FROM organisations_apikey AS k
    JOIN organisations_membership AS o ON o.organisation_id = k.organisation_id AND o.id = k.owner_id
    WHERE k.revoked_at IS NULL AND k.rotated_at IS NULL AND k.expires_at > %(now)s AND k.expires_at <= %(keys_until)s
    UNION ALL
    SELECT 'bounce', b.member_id, b.address, b.reason, b.at, 2
    FROM notifications_bounce AS b
    JOIN organisations_membership AS m ON m.organisation_id = b.organisation_id AND m.id = b.member_id AND m.email = b.address
    WHERE m.is_active
    UNION ALL
    SELECT 'lost', i.id, i.email, l.last_error, l.given_up_at, 3
    FROM organisations_invitation AS i
    JOIN notifications_invitationletter AS l ON l.organisation_id = i.organisation_id AND l.invitation_id = i.id AND l.edition = i.edition
    WHERE i.status = 'open' AND i.expires_at > %(now)s AND l.given_up_at IS NOT NULL
    UNION ALL
    SELECT 'invitation', i.id, i.email, i.role, i.expires_at, 4
    FROM organisations_invitation AS i
    WHERE i.status = 'open' AND i.expires_at > %(now)s AND i.expires_at <= %(invitations_until)s
) AS n
ORDER BY n.place, n.at, n.id LIMIT %(limit)s
