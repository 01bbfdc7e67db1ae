-- A vendor's people make keys of their own, rotate and revoke their vendor's; a key never gets wider, longer or another's.
CREATE OR REPLACE FUNCTION vendor_writes_organisations_apikey() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM organisations_membership AS m WHERE m.id = NEW.member_id AND m.user_id IS NULL)
            OR NEW.revoked_at IS NOT NULL OR NEW.rotated_at IS NOT NULL
            OR NEW.owner_id IS DISTINCT FROM actor AND NOT EXISTS (
                SELECT FROM organisations_apikey AS k
                WHERE k.member_id = NEW.member_id AND k.owner_id = NEW.owner_id AND k.scope = NEW.scope AND k.rotated_at IS NOT NULL)
        THEN
            RAISE EXCEPTION 'A vendor makes keys of the acting member''s, or the next one of a key that is rotated.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.expires_at > OLD.expires_at
        OR OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
        OR OLD.rotated_at IS NOT NULL AND NEW.rotated_at IS DISTINCT FROM OLD.rotated_at
        OR (to_jsonb(NEW) - '{expires_at,revoked_at,rotated_at}'::text[])
            <> (to_jsonb(OLD) - '{expires_at,revoked_at,rotated_at}'::text[])
    THEN
        RAISE EXCEPTION 'A vendor ends a key, and changes nothing else of it.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
