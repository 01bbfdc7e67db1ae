"""The ledger is append-only, for everybody: a mistake is put right by another entry."""

from django.db import migrations

REFUSE = """
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The credit ledger is append-only.' USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER IF EXISTS append_only ON breaches_ledgerentry;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON breaches_ledgerentry FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("breaches", "0002_waivers_and_numbers")]
    operations = [
        migrations.RunSQL(
            REFUSE,
            "DROP TRIGGER IF EXISTS append_only ON breaches_ledgerentry; DROP FUNCTION IF EXISTS ledger_refuse();",
        )
    ]
