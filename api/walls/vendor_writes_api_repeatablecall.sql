-- A call that may be repeated is its caller's alone.
CREATE OR REPLACE FUNCTION vendor_writes_api_repeatablecall() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    caller bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.by_id ELSE NEW.by_id END;
BEGIN
    IF caller IS DISTINCT FROM nullif(current_setting('app.actor_id', true), '')::bigint THEN
        RAISE EXCEPTION 'A call that may be repeated is its caller''s alone.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
