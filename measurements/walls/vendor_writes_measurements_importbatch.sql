-- A file that is looked at is its maker's alone.
CREATE OR REPLACE FUNCTION vendor_writes_measurements_importbatch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    maker bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.by_id ELSE NEW.by_id END;
BEGIN
    IF maker IS DISTINCT FROM nullif(current_setting('app.actor_id', true), '')::bigint THEN
        RAISE EXCEPTION 'A file that is looked at is its maker''s alone.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
