-- A vendor asks for more time in its own name. Granting it is the client's.
CREATE OR REPLACE FUNCTION vendor_writes_contracts_extension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'open' OR NEW.asked_by_id IS NULL OR NEW.decided_at IS NOT NULL OR NEW.answer <> '' THEN
        RAISE EXCEPTION 'A vendor asks for more time; granting it is the client''s.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
