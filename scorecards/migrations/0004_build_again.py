"""Scorecards now hold what each service level counts. Those that stand are built again by the next run: their stamp is no month's."""

from django.db import migrations

AGAIN = "UPDATE scorecards_scorecard SET judged_at = 'epoch'"


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0003_stamp_of_the_month")]
    operations = [migrations.RunSQL(AGAIN, migrations.RunSQL.noop)]
