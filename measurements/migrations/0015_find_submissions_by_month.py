from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a lock on submissions: people report all the time."""

    atomic = False
    dependencies = [("measurements", "0014_reported_periods")]

    operations = [
        AddIndexConcurrently(
            model_name="submission",
            index=models.Index(fields=["organisation", "month"], name="submission_month"),
        ),
    ]
