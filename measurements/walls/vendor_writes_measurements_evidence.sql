-- A vendor's people attach evidence to open submissions in their own name, and take it away again while it was not handed over.
-- Once its file is stored nothing of it changes any more but the answer to whether it is the right one, in one's own name.
CREATE OR REPLACE FUNCTION vendor_writes_measurements_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row measurements_evidence := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    found text;
    changing text[] := CASE WHEN OLD.state = 'pending' THEN '{state,stored_name}' ELSE '{answer,answered_by_id,answered_by_name}' END;
BEGIN
    SELECT s.status INTO found FROM measurements_submission AS s WHERE s.id = row.submission_id FOR SHARE;
    IF found NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'A vendor writes on open submissions only: this one is %.', found USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' AND (NEW.added_by_id IS NULL OR NEW.state <> 'pending') THEN
        RAISE EXCEPTION 'A vendor''s evidence is attached by the acting member, before its file is stored.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - changing) <> (to_jsonb(OLD) - changing) THEN
        RAISE EXCEPTION 'Evidence stays as it was attached.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM measurements_step AS s
        WHERE s.submission_id = OLD.submission_id AND s.kind = 'submitted' AND s.at >= OLD.added_at)
    THEN
        RAISE EXCEPTION 'Evidence that was handed over stays with its figures.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
