-- A vendor's people write the steps that they take, and no others: the submission has just taken it.
CREATE OR REPLACE FUNCTION vendor_writes_measurements_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
BEGIN
    IF NEW.by_id IS DISTINCT FROM actor
        OR NEW.declaration <> '' AND (NEW.kind <> 'submitted' OR NEW.by_name = '' OR position(NEW.by_name IN NEW.declaration) = 0)
        OR NEW.figures <> '[]'::jsonb
        OR NOT EXISTS (
        SELECT FROM measurements_submission AS s
        WHERE s.id = NEW.submission_id AND (
            NEW.kind = 'submitted' AND s.status = 'submitted' AND s.submitted_by_id = actor AND s.submitted_at = NEW.at
            OR NEW.kind = 'withdrawn' AND s.status = 'draft'))
        -- Once for each time: the step before it is another one.
        OR NEW.kind IS NOT DISTINCT FROM (
            SELECT b.kind FROM measurements_step AS b WHERE b.submission_id = NEW.submission_id AND b.id <> NEW.id
            ORDER BY b.id DESC LIMIT 1)
    THEN
        RAISE EXCEPTION 'A vendor writes the steps that the acting member takes.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
