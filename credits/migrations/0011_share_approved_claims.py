"""Claims that vendors see already: they were approved."""

from django.db import migrations

SHARE = """
UPDATE credits_creditclaim SET shared = true WHERE status IN ('approved', 'invoiced', 'recovered', 'written_off') AND NOT shared
"""


class Migration(migrations.Migration):
    dependencies = [("credits", "0010_claims_shared")]

    operations = [migrations.RunSQL(SHARE, migrations.RunSQL.noop)]
