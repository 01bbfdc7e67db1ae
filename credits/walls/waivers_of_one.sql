-- Who waives a credit alone stays below the amount from which the organisation wants two people, all parts of a month together.
CREATE OR REPLACE FUNCTION waivers_of_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'waiver' AND NEW.approved_by_id IS NULL AND coalesce((
        SELECT two_people_from FROM organisations_organisationsettings WHERE organisation_id = NEW.organisation_id
    ), 0) <= (
        SELECT -sum(amount) FROM breaches_ledgerentry WHERE organisation_id = NEW.organisation_id AND contract_id = NEW.contract_id
            AND month = NEW.month AND kind = 'waiver' AND approved_by_id IS NULL
    ) THEN
        RAISE EXCEPTION 'A waiver of this amount needs two people.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
