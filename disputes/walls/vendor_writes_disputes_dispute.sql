-- A vendor disputes in its own name, and withdraws what is open. Ruling is the client's.
CREATE OR REPLACE FUNCTION vendor_writes_disputes_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.status <> 'open' OR NEW.asked_by_id IS NULL OR NEW.corrected_id IS NOT NULL
            OR NEW.escalated_at IS NOT NULL OR NEW.reason <> '')
        OR TG_OP = 'UPDATE' AND (OLD.status <> 'open' OR NEW.status <> 'withdrawn' OR NEW.version <= OLD.version
            OR (to_jsonb(NEW) - '{status,version}'::text[]) <> (to_jsonb(OLD) - '{status,version}'::text[]))
    THEN
        RAISE EXCEPTION 'A vendor disputes and withdraws; the ruling is the client''s.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
