-- The steps of a proposal are those of whoever proposes.
CREATE OR REPLACE FUNCTION vendor_writes_breaches_planstep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM breaches_planproposal AS p WHERE p.id = NEW.proposal_id AND p.by_id = actor) THEN
        RAISE EXCEPTION 'A vendor writes the steps of the acting member''s proposals.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
