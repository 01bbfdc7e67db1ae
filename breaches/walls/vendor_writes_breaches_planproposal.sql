-- A vendor proposes a plan that it was asked for; in whose name, ACTORS says.
CREATE OR REPLACE FUNCTION vendor_writes_breaches_planproposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.by_id IS NULL OR NOT EXISTS (
        SELECT FROM breaches_correctiveplan AS p WHERE p.id = NEW.plan_id AND p.status IN ('asked', 'reopened'))
    THEN
        RAISE EXCEPTION 'A vendor proposes plans that it is asked for.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
