from django.db import migrations, models


class Migration(migrations.Migration):
    """A rung that is planned says by which settings, so that a changed ladder is followed."""

    dependencies = [("breaches", "0018_steps_of_triggered_rules")]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="settings_version",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
