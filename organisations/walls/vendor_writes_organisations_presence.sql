-- A vendor's people note their own presence.
CREATE OR REPLACE FUNCTION vendor_writes_organisations_presence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.member_id IS DISTINCT FROM nullif(current_setting('app.actor_id', true), '')::bigint
        OR TG_OP = 'UPDATE' AND OLD.member_id <> NEW.member_id
    THEN
        RAISE EXCEPTION 'A member notes their own presence.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
