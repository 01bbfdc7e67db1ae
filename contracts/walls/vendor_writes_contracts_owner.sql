-- A vendor's people name their own company's contact, by the name of a member of theirs. Who is in charge for the client is the client's.
CREATE OR REPLACE FUNCTION vendor_writes_contracts_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.duty <> 'vendor_contact'
        OR TG_OP <> 'DELETE' AND (NEW.duty <> 'vendor_contact' OR NOT EXISTS (
            SELECT FROM organisations_membership AS m
            WHERE m.id = NEW.member_id AND m.user_id IS NOT NULL AND (m.name = NEW.name OR TG_OP = 'UPDATE' AND NEW.name = OLD.name)))
    THEN
        RAISE EXCEPTION 'A vendor names its own contact.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
