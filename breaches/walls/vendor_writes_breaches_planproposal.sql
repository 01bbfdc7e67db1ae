-- A vendor's people propose a plan in their own name.
CREATE OR REPLACE FUNCTION vendor_writes_breaches_planproposal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM organisations_membership AS m WHERE m.id = actor AND m.id = NEW.by_id AND m.name = NEW.by_name) THEN
        RAISE EXCEPTION 'A vendor proposes in the name of whoever proposes.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
