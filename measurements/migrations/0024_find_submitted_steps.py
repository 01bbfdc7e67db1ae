from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("measurements", "0023_what_was_declared")]

    operations = [
        AddIndexConcurrently(
            model_name="step",
            index=models.Index(
                fields=["organisation", "at"], name="step_submitted", condition=models.Q(kind="submitted")
            ),
        ),
    ]
