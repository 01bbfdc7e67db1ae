from django.db import migrations, models


class Migration(migrations.Migration):
    """A contract for which a step of the work fails is counted, kept apart from the others, and says why."""

    dependencies = [
        ("contracts", "0003_reevaluation"),
    ]

    operations = [
        migrations.AddField("reevaluation", "failures", models.PositiveIntegerField(default=0, db_default=0)),
        migrations.AddField(
            "reevaluation",
            "failed_step",
            models.CharField(max_length=12, blank=True, default="", db_default=""),
        ),
        migrations.AddField("reevaluation", "failed_because", models.TextField(blank=True, default="", db_default="")),
        migrations.AddField("reevaluation", "failing_since", models.DateTimeField(null=True)),
        migrations.AddField("reevaluation", "try_at", models.DateTimeField(null=True)),
    ]
