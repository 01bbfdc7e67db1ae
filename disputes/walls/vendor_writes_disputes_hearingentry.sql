-- A vendor's people write messages, and that they asked or withdrew, as the vendor's; in whose name, ACTORS says.
CREATE OR REPLACE FUNCTION vendor_writes_disputes_hearingentry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.from_vendor OR NEW.by_id IS NULL OR NEW.kind NOT IN ('message', 'asked', 'withdrawn') THEN
        RAISE EXCEPTION 'A vendor writes what its own people say and do.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
