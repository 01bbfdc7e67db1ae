"""The last hand-over and decision of each submission, which is all that was kept so far."""

from django.db import migrations

TAKE_OVER = """
INSERT INTO measurements_step (organisation_id, vendor_id, submission_id, kind, by_id, by_name, at, reason)
SELECT s.organisation_id, s.vendor_id, s.id, step.kind, step.by_id, step.by_name, step.at, step.reason
FROM measurements_submission AS s
CROSS JOIN LATERAL (VALUES
    ('submitted', s.submitted_by_id, s.submitted_by_name, s.submitted_at, s.reason),
    (CASE WHEN s.status = 'returned' THEN 'returned' ELSE 'accepted' END, s.decided_by_id, s.decided_by_name, s.decided_at,
        CASE WHEN s.status = 'returned' THEN s.return_reason ELSE '' END)
) AS step (kind, by_id, by_name, at, reason)
WHERE step.at IS NOT NULL AND NOT EXISTS (SELECT FROM measurements_step AS t WHERE t.submission_id = s.id)
ORDER BY step.at
"""


class Migration(migrations.Migration):
    dependencies = [("measurements", "0005_steps")]

    operations = [migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop)]
