from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was waived in a year is looked up without reading the year's other entries."""

    atomic = False

    dependencies = [
        ("credits", "0007_every_waiver_has_somebody"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="ledgerentry",
            index=models.Index(
                fields=["organisation", "month"],
                name="ledger_waived",
                condition=models.Q(kind__in=["waiver", "waiver_back"]),
            ),
        ),
    ]
