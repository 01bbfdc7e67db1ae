-- A vendor proposes the edition that its own answer has just announced; in whose name, ACTORS says.
CREATE OR REPLACE FUNCTION vendor_writes_agreements_revisionedition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.from_vendor OR NEW.by_id IS NULL OR NOT EXISTS (
        SELECT FROM agreements_revision AS r WHERE r.id = NEW.revision_id AND r.status = 'countered' AND r.edition = NEW.number)
    THEN
        RAISE EXCEPTION 'A vendor proposes other terms in answer to a revision that lies with it.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
