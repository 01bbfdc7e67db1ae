"""Vendors' people may add a place for an API key, and none for a person: who is let in is the client's matter, or an invitation's.

AFTER, because row security is checked before: a row of somebody else's is refused as such.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION membership_of_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user LIKE '%\\_vendor' AND NEW.user_id IS NOT NULL THEN
        RAISE EXCEPTION 'A vendor adds keys only.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS of_key ON organisations_membership;
CREATE TRIGGER of_key AFTER INSERT ON organisations_membership FOR EACH ROW EXECUTE FUNCTION membership_of_key();
"""


class Migration(migrations.Migration):
    dependencies = [("organisations", "0005_keys_and_settings")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION IF EXISTS membership_of_key() CASCADE")]
