-- A vendor's people add places for keys, in their own role. Who else is let in is the client's matter, or an invitation's.
CREATE OR REPLACE FUNCTION vendor_writes_organisations_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
BEGIN
    IF NEW.user_id IS NOT NULL
        OR NOT EXISTS (SELECT FROM organisations_membership AS m WHERE m.id = actor AND m.role = NEW.role AND m.id <> NEW.id)
    THEN
        RAISE EXCEPTION 'A vendor adds keys only, in the role of whoever adds them.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
