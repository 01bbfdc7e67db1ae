-- A vendor asks for relief in its own name, and withdraws what is open. Deciding is the client's.
CREATE OR REPLACE FUNCTION vendor_writes_disputes_reliefrequest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.status <> 'open' OR NEW.asked_by_id IS NULL OR NEW.corrected_id IS NOT NULL
            OR NEW.escalated_at IS NOT NULL OR NEW.reason <> '')
        OR TG_OP = 'UPDATE' AND (OLD.status <> 'open' OR NEW.status <> 'withdrawn' OR NEW.version <= OLD.version
            OR (to_jsonb(NEW) - '{status,version}'::text[]) <> (to_jsonb(OLD) - '{status,version}'::text[]))
    THEN
        RAISE EXCEPTION 'A vendor asks for relief and withdraws; granting it is the client''s.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
