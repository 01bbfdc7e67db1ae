-- No invoice takes anything of what is on hold of a month's credit, whoever writes the entry: what is left of the month covers the part that is
-- held. A hold without an amount holds all of it.
CREATE OR REPLACE FUNCTION credits_refuse_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'invoice' AND NEW.amount < 0 AND EXISTS (
        SELECT FROM credits_credithold AS h
        WHERE h.organisation_id = NEW.organisation_id AND h.contract_id = NEW.contract_id AND h.month = NEW.month AND h.released_at IS NULL
        HAVING bool_or(h.amount IS NULL) OR sum(h.amount) > (
            SELECT sum(l.amount) FROM breaches_ledgerentry AS l
            WHERE l.organisation_id = NEW.organisation_id AND l.contract_id = NEW.contract_id AND l.month = NEW.month))
    THEN
        RAISE EXCEPTION 'The credit of this month is on hold.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
