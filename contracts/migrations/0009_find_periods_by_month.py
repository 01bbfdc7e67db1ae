from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a lock on periods: there may be many of them."""

    atomic = False
    dependencies = [("contracts", "0008_slots_of_a_period")]

    operations = [
        AddIndexConcurrently(
            model_name="period",
            index=models.Index(fields=["organisation", "month"], name="period_month"),
        ),
    ]
