-- A vendor's people begin a submission, change it while it is open, hand it over in their own name, and withdraw what they
-- handed over. Deciding on it is the client's, and so is what is accepted.
CREATE OR REPLACE FUNCTION vendor_writes_measurements_submission() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
    handed_over boolean := NEW.status = 'submitted';
    undecided boolean := NEW.decided_by_id IS NULL AND NEW.decided_by_name = '' AND NEW.decided_at IS NULL;
    unsubmitted boolean := NEW.submitted_by_id IS NULL AND NEW.submitted_by_name = '' AND NEW.submitted_at IS NULL;
    by_whom_it_should_be boolean;
BEGIN
    IF NEW.saved_by_name <> '' AND (TG_OP = 'INSERT' OR NEW.saved_by_name <> OLD.saved_by_name)
        AND NOT EXISTS (SELECT FROM organisations_membership AS m WHERE m.id = actor AND m.name = NEW.saved_by_name)
    THEN
        RAISE EXCEPTION 'A vendor''s figures are saved in the name of whoever saves them.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' OR NOT (undecided AND unsubmitted AND NEW.by_vendor AND NEW.return_reason = '' AND NEW.due_again_on IS NULL) THEN
            RAISE EXCEPTION 'A vendor''s submission begins as its draft.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NULL;
    END IF;
    IF (OLD.status, NEW.status) NOT IN
        (('draft', 'draft'), ('draft', 'submitted'), ('returned', 'returned'), ('returned', 'submitted'), ('submitted', 'draft'))
    THEN
        RAISE EXCEPTION 'A vendor writes on open submissions only, and does not decide on them: % to %.', OLD.status, NEW.status
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.contract_id, NEW.month, NEW.revision, NEW.created_at, NEW.return_reason)
            <> (OLD.id, OLD.contract_id, OLD.month, OLD.revision, OLD.created_at, OLD.return_reason)
        OR NEW.due_again_on IS DISTINCT FROM OLD.due_again_on OR NEW.version <= OLD.version OR OLD.by_vendor AND NOT NEW.by_vendor
    THEN
        RAISE EXCEPTION 'A vendor does not change what a submission is of.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A decision stays until the next submission ends it.
    IF NOT (handed_over AND undecided) AND (NEW.decided_by_id, NEW.decided_by_name, NEW.decided_at)
        IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_by_name, OLD.decided_at)
    THEN
        RAISE EXCEPTION 'A vendor does not decide on figures.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    by_whom_it_should_be := CASE NEW.status
        WHEN 'submitted' THEN NEW.submitted_by_id IS NOT DISTINCT FROM actor AND undecided
        WHEN 'draft' THEN unsubmitted
        ELSE (NEW.submitted_by_id, NEW.submitted_by_name, NEW.submitted_at)
            IS NOT DISTINCT FROM (OLD.submitted_by_id, OLD.submitted_by_name, OLD.submitted_at)
    END;
    IF NOT by_whom_it_should_be THEN
        RAISE EXCEPTION 'A vendor''s figures are handed over by the acting member.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- The client's members are invisible here, so what one of them handed over is nobody's of these.
    IF OLD.status = 'submitted' AND NOT EXISTS (SELECT FROM organisations_membership AS m WHERE m.id = OLD.submitted_by_id) THEN
        RAISE EXCEPTION 'A vendor withdraws what its own people handed over.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
