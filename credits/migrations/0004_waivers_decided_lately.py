from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever announces decisions looks no further back than a fortnight."""

    atomic = False

    dependencies = [
        ("credits", "0003_capped_amount"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="waiverproposal",
            index=models.Index(
                fields=["organisation", "decided_at"],
                name="waiver_decided_lately",
                condition=models.Q(status__in=["approved", "declined"]),
            ),
        ),
    ]
