from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("scorecards", "0004_build_again")]

    operations = [
        AddIndexConcurrently(
            model_name="scorecard",
            index=models.Index(
                condition=models.Q(("provisional", True)),
                fields=["organisation", "month"],
                name="scorecard_provisional",
            ),
        ),
    ]
