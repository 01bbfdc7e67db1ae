from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The new index of results has what the former one has, and is there before that goes."""

    atomic = False
    dependencies = [("evaluation", "0010_watermarks")]

    operations = [
        AddIndexConcurrently(
            model_name="month",
            index=models.Index(
                fields=["organisation", "month"], include=["contract", "credit", "earned_back"], name="month_money"
            ),
        ),
        AddIndexConcurrently(
            model_name="result",
            index=models.Index(
                fields=["organisation", "contract", "month"], include=["outcome"], name="result_outcome"
            ),
        ),
        RemoveIndexConcurrently(model_name="result", name="result_month"),
    ]
