-- How a member is written to is the member's own matter.
CREATE OR REPLACE FUNCTION vendor_writes_notifications_letterpreferences() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.member_id IS DISTINCT FROM nullif(current_setting('app.actor_id', true), '')::bigint
        OR TG_OP = 'UPDATE' AND OLD.member_id <> NEW.member_id
    THEN
        RAISE EXCEPTION 'A member says how they are written to themselves.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
