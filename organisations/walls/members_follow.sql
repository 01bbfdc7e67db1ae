-- A person's primary address has changed: the organisations that knew them by the old one know them by the new one, and write there.
-- It runs as the owner, for accounts belong to no organisation; each change is in that organisation's trail.
CREATE OR REPLACE FUNCTION members_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
BEGIN
    UPDATE organisations_membership SET email = NEW.email, version = version + 1 WHERE user_id = NEW.id AND email = OLD.email;
    RETURN NULL;
END $$;
