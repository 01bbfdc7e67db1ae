"""Breaches that were acknowledged before the name was kept."""

from django.db import migrations

FILL = """
UPDATE breaches_breach AS b SET acknowledged_by_name = m.name
FROM organisations_membership AS m
WHERE m.organisation_id = b.organisation_id AND m.id = b.acknowledged_by_id AND b.acknowledged_by_name = ''
"""


class Migration(migrations.Migration):
    dependencies = [("breaches", "0004_who_acknowledged"), ("organisations", "0003_keys_by_index")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
