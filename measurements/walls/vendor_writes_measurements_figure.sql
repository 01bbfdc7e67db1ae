-- A vendor's people write figures of open submissions. The submission's row is held, so that nobody hands it over meanwhile.
-- What is relieved is what the client granted, and nothing else.
CREATE OR REPLACE FUNCTION vendor_writes_measurements_figure() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF TG_OP <> 'DELETE' AND NEW.relieved <> coalesce((
        SELECT g.relieved FROM measurements_grantedrelief AS g
        WHERE g.organisation_id = NEW.organisation_id AND g.service_level_id = NEW.service_level_id AND g.period_id = NEW.period_id
            AND g.part = NEW.part), 0)
    THEN
        RAISE EXCEPTION 'A vendor asks for relief, and reports what was granted.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
