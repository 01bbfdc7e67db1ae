"""The relief of figures that were accepted so far: until now it was typed with them, and accepting them granted it."""

from django.db import migrations

TAKE_OVER = """
INSERT INTO measurements_grantedrelief (
    organisation_id, vendor_id, service_level_id, period_id, part, relieved, imported, by_id, by_name, at)
SELECT s.organisation_id, s.vendor_id, f.service_level_id, f.period_id, f.part, f.relieved, true, s.decided_by_id, s.decided_by_name,
    coalesce(s.decided_at, s.created_at)
FROM measurements_submission AS s
JOIN measurements_figure AS f ON f.organisation_id = s.organisation_id AND f.submission_id = s.id
WHERE s.status = 'accepted' AND f.relieved > 0
ON CONFLICT (organisation_id, service_level_id, period_id, part) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("measurements", "0018_granted_relief")]

    operations = [migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop)]
