-- A vendor's people count their own calls.
CREATE OR REPLACE FUNCTION vendor_writes_organisations_apiuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.member_id IS DISTINCT FROM nullif(current_setting('app.actor_id', true), '')::bigint
        OR TG_OP = 'UPDATE' AND OLD.member_id <> NEW.member_id
    THEN
        RAISE EXCEPTION 'A member counts their own calls.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
