-- A vendor's people write in a thread in their own name, as the vendor's.
CREATE OR REPLACE FUNCTION vendor_writes_breaches_threadentry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
BEGIN
    IF NOT NEW.from_vendor OR NOT EXISTS (
        SELECT FROM organisations_membership AS m WHERE m.id = actor AND m.id = NEW.by_id AND m.name = NEW.by_name)
    THEN
        RAISE EXCEPTION 'A vendor writes in the name of whoever writes.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
