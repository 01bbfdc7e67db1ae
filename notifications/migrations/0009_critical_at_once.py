from django.db import migrations, models


class Migration(migrations.Migration):
    """What cannot wait is marked, and people say whether they want it at once."""

    dependencies = [("notifications", "0008_letter_preferences_and_bounces")]

    operations = [
        migrations.AddField(
            model_name="event", name="critical", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField(
            model_name="letterpreferences",
            name="critical_at_once",
            field=models.BooleanField(db_default=True, default=True, verbose_name="critical at once"),
        ),
    ]
