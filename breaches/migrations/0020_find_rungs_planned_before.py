"""Rungs that were planned before the settings changed are found by an index, built beside the work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("breaches", "0019_planned_by_which_settings")]

    operations = [
        AddIndexConcurrently(
            model_name="escalation",
            index=models.Index(fields=["organisation", "settings_version"], name="escalation_planned_by"),
        ),
    ]
