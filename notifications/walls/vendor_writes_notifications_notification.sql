-- A vendor's people mark what was sent to themselves as read. Everything else of it is the sending's.
CREATE OR REPLACE FUNCTION vendor_writes_notifications_notification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.member_id IS DISTINCT FROM nullif(current_setting('app.actor_id', true), '')::bigint
        OR (to_jsonb(NEW) - 'read_at') <> (to_jsonb(OLD) - 'read_at')
    THEN
        RAISE EXCEPTION 'A member marks their own notifications as read, and changes nothing else.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
