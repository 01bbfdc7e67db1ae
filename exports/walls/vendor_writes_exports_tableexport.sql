-- A vendor's people ask for tables of their own, and cancel them. Making and removing them is the system's.
CREATE OR REPLACE FUNCTION vendor_writes_exports_tableexport() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.asked_by_id IS DISTINCT FROM nullif(current_setting('app.actor_id', true), '')::bigint THEN
        RAISE EXCEPTION 'A table is its reader''s alone.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'waiting' OR NEW.made_at IS NOT NULL OR NEW.leased_until IS NOT NULL OR NEW.failed_because <> '' THEN
            RAISE EXCEPTION 'A table is asked for; making it is the system''s.' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF OLD.status <> 'waiting' OR NEW.status <> 'cancelled'
        OR (to_jsonb(NEW) - 'status' - 'version') <> (to_jsonb(OLD) - 'status' - 'version')
    THEN
        RAISE EXCEPTION 'A table that waits can be cancelled, and nothing else.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
