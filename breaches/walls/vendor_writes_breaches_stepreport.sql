-- A vendor's people say in their own name that a step is done.
CREATE OR REPLACE FUNCTION vendor_writes_breaches_stepreport() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM organisations_membership AS m WHERE m.id = actor AND m.id = NEW.by_id AND m.name = NEW.by_name) THEN
        RAISE EXCEPTION 'A vendor reports in the name of whoever reports.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
