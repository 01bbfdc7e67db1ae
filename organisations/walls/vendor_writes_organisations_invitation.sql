-- A vendor's people send invitations in their own name, send them again and revoke them. Accepting is the invited person's.
CREATE OR REPLACE FUNCTION vendor_writes_organisations_invitation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'open' OR NEW.edition <> 1 OR NEW.member_id IS NOT NULL OR NEW.decided_at IS NOT NULL
            OR NEW.invited_by_id IS NULL
        THEN
            RAISE EXCEPTION 'A vendor''s invitation begins open, in the name of whoever sends it.' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF OLD.status <> 'open' OR NEW.status NOT IN ('open', 'revoked') OR NEW.edition < OLD.edition
        OR (to_jsonb(NEW) - '{status,edition,expires_at,decided_at}'::text[])
            <> (to_jsonb(OLD) - '{status,edition,expires_at,decided_at}'::text[])
    THEN
        RAISE EXCEPTION 'A vendor sends an open invitation again or revokes it, and changes nothing else of it.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
