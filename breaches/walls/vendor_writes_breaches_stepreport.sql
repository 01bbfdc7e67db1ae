-- A vendor reports steps of the edition that the client accepted; in whose name, ACTORS says.
CREATE OR REPLACE FUNCTION vendor_writes_breaches_stepreport() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.by_id IS NULL OR NOT EXISTS (
        SELECT FROM breaches_planstep AS s
        JOIN breaches_planproposal AS o ON o.id = s.proposal_id
        JOIN breaches_correctiveplan AS p ON p.id = o.plan_id
        WHERE s.id = NEW.step_id AND p.status = 'accepted' AND p.decided_revision = o.revision)
    THEN
        RAISE EXCEPTION 'A vendor reports steps of a plan that is under way.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
