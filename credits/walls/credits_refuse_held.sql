-- No invoice takes anything of a month whose credit is on hold, whoever writes the entry.
CREATE OR REPLACE FUNCTION credits_refuse_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'invoice' AND NEW.amount < 0 AND EXISTS (
        SELECT FROM credits_credithold AS h
        WHERE h.organisation_id = NEW.organisation_id AND h.contract_id = NEW.contract_id AND h.month = NEW.month AND h.released_at IS NULL)
    THEN
        RAISE EXCEPTION 'The credit of this month is on hold.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
