-- A vendor accepts the edition of a month that counts; in whose name, ACTORS says.
CREATE OR REPLACE FUNCTION vendor_writes_scorecards_publicationacceptance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.by_id IS NULL OR EXISTS (
        SELECT FROM scorecards_publication AS p
        JOIN scorecards_publication AS o ON o.organisation_id = p.organisation_id AND o.contract_id = p.contract_id
            AND o.month = p.month AND o.edition > p.edition
        WHERE p.id = NEW.publication_id)
    THEN
        RAISE EXCEPTION 'A vendor accepts the latest edition of a month.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
