"""What opened the portfolios of those whose view it is."""

from django.db import migrations

FILL = """
INSERT INTO dashboards_openingview (organisation_id, member_id, view_id)
SELECT v.organisation_id, v.member_id, v.id FROM dashboards_savedview AS v WHERE v.is_default
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0002_what_the_portfolio_opens_with")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
