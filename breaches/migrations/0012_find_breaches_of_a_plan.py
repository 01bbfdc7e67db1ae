"""Breaches of a plan are found by an index, built beside the work on a table that is large by now."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("breaches", "0011_threads")]

    operations = [
        AddIndexConcurrently(
            model_name="breach",
            index=models.Index(
                condition=models.Q(("plan__isnull", False)), fields=["organisation", "plan"], name="breach_plan"
            ),
        ),
    ]
