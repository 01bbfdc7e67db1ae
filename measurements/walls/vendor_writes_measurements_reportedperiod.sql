-- What a vendor's people have reported is counted with the figures, while the submission is open.
CREATE OR REPLACE FUNCTION vendor_writes_measurements_reportedperiod() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[] := CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.submission_id]
        WHEN 'DELETE' THEN ARRAY[OLD.submission_id]
        ELSE ARRAY[OLD.submission_id, NEW.submission_id] END;
    found text;
BEGIN
    FOR found IN SELECT s.status FROM measurements_submission AS s WHERE s.id = ANY (touched) ORDER BY s.id FOR SHARE LOOP
        IF found NOT IN ('draft', 'returned') THEN
            RAISE EXCEPTION 'A vendor writes on open submissions only: this one is %.', found USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
