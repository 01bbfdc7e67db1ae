from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever announces what became of submissions looks no further back than a fortnight."""

    atomic = False

    dependencies = [
        ("measurements", "0010_evidence_past_its_time"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="submission",
            index=models.Index(
                fields=["organisation", "submitted_at"],
                name="submission_waiting",
                condition=models.Q(status="submitted"),
            ),
        ),
        AddIndexConcurrently(
            model_name="submission",
            index=models.Index(
                fields=["organisation", "decided_at"],
                name="submission_decided",
                condition=models.Q(status__in=["returned", "accepted"]),
            ),
        ),
        AddIndexConcurrently(
            model_name="step",
            index=models.Index(
                fields=["organisation", "at"], name="step_withdrawn", condition=models.Q(kind="withdrawn")
            ),
        ),
    ]
