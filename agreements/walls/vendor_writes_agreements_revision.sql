-- A vendor's people answer a revision that lies with them: they consent, decline, or propose an edition of their own. Nothing else of it.
CREATE OR REPLACE FUNCTION vendor_writes_agreements_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposed boolean := NEW.status = 'countered';
BEGIN
    IF OLD.status <> 'with_vendor' OR NEW.status NOT IN ('consented', 'declined', 'countered')
        OR to_jsonb(NEW) - '{status,version,edition}'::text[] <> to_jsonb(OLD) - '{status,version,edition}'::text[]
        OR NEW.version <> OLD.version + 1 OR NEW.edition <> OLD.edition + proposed::int
    THEN
        RAISE EXCEPTION 'A vendor answers revisions that lie with it, and changes nothing else of them.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
