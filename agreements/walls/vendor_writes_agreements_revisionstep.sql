-- A vendor's people write what they answered, as the vendor's, to the edition that they answered; in whose name, ACTORS says.
CREATE OR REPLACE FUNCTION vendor_writes_agreements_revisionstep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.from_vendor OR NEW.by_id IS NULL OR NEW.person IS NOT NULL OR NEW.kind NOT IN ('countered', 'consented', 'declined')
        OR NOT EXISTS (
            SELECT FROM agreements_revision AS r WHERE r.id = NEW.revision_id AND r.status = NEW.kind AND r.edition = NEW.edition)
    THEN
        RAISE EXCEPTION 'A vendor writes what its own people answer.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
