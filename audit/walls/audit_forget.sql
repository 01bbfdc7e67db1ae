-- A checkpoint is written: what lies before it goes, in the same transaction. It runs as the owner: nobody else removes entries.
-- Only what is sealed, and only what the organisation's settings do not keep any more, whoever asks.
CREATE OR REPLACE FUNCTION audit_forget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
DECLARE
    years int := (SELECT keep_trail_years FROM organisations_organisationsettings WHERE organisation_id = NEW.organisation_id);
BEGIN
    IF EXISTS (SELECT FROM audit_entry WHERE organisation_id = NEW.organisation_id AND id <= NEW.last_entry) THEN
        IF NEW.concerned_vendor_id IS NOT NULL THEN
            RAISE EXCEPTION 'A vendor''s checkpoint follows that of the organisation.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NOT EXISTS (
            SELECT FROM audit_seal WHERE organisation_id = NEW.organisation_id AND last_entry = NEW.last_entry AND hash = NEW.hash
        ) THEN
            RAISE EXCEPTION 'A checkpoint stands at a seal.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF years IS NULL OR EXISTS (
            SELECT FROM audit_entry WHERE organisation_id = NEW.organisation_id AND id <= NEW.last_entry
                AND at > clock_timestamp() - make_interval(years => years)
        ) THEN
            RAISE EXCEPTION 'The organisation keeps these entries of its trail.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        DELETE FROM audit_entry WHERE organisation_id = NEW.organisation_id AND id <= NEW.last_entry;
    END IF;
    RETURN NULL;
END $$;
