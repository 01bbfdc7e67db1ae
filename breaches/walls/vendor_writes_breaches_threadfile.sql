-- A vendor's people attach files to what they write themselves, at that moment. Once its file is stored nothing of it changes any more.
CREATE OR REPLACE FUNCTION vendor_writes_breaches_threadfile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.added_by_id IS NULL OR NEW.state <> 'pending' OR NOT EXISTS (
        SELECT FROM breaches_threadentry AS e
        WHERE e.id = NEW.entry_id AND e.from_vendor AND e.by_id = NEW.added_by_id AND e.at = NEW.added_at))
    THEN
        RAISE EXCEPTION 'A vendor''s people attach files to what they write themselves.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.state <> 'pending'
        OR (to_jsonb(NEW) - '{state,stored_name}'::text[]) <> (to_jsonb(OLD) - '{state,stored_name}'::text[]))
    THEN
        RAISE EXCEPTION 'A file stays as it was attached.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
