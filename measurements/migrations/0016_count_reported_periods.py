"""How many slots each submission has figures for, which is kept with it from now on."""

from django.db import migrations

COUNT = """
INSERT INTO measurements_reportedperiod (organisation_id, vendor_id, submission_id, period_id, slots)
SELECT organisation_id, vendor_id, submission_id, period_id, count(DISTINCT service_level_id)
FROM measurements_figure GROUP BY organisation_id, vendor_id, submission_id, period_id
ON CONFLICT (organisation_id, submission_id, period_id) DO UPDATE SET slots = excluded.slots
"""


class Migration(migrations.Migration):
    dependencies = [("measurements", "0015_find_submissions_by_month")]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
