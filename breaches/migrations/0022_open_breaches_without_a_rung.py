"""Open breaches of which nothing was ever planned join the ladder like those that follow."""

from django.db import migrations

NOTE = """
INSERT INTO breaches_escalation (organisation_id, breach_id, opened_at, rung, name, told, settings_version)
SELECT b.organisation_id, b.id, b.opened_at, 0, '', '', 0 FROM breaches_breach AS b
WHERE b.status = 'open' AND NOT EXISTS (
    SELECT FROM breaches_escalation AS e
    WHERE e.organisation_id = b.organisation_id AND e.breach_id = b.id AND e.opened_at = b.opened_at
)
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("breaches", "0021_breaches_join_a_changed_ladder")]
    operations = [migrations.RunSQL(NOTE, migrations.RunSQL.noop)]
