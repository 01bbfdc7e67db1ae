from django.db import migrations, models


class Migration(migrations.Migration):
    """An organisation's own ladder of who is told of a breach that nobody takes up."""

    dependencies = [("organisations", "0017_tier_and_service_of_vendors")]

    operations = [
        migrations.AddField(
            model_name="organisationsettings",
            name="escalation",
            field=models.JSONField(blank=True, null=True, verbose_name="escalation of breaches"),
        ),
    ]
