from django.db import migrations, models


class Migration(migrations.Migration):
    """How the client files a vendor: its tier, and what it does."""

    dependencies = [("organisations", "0016_calendar_feeds")]

    operations = [
        migrations.AddField(
            model_name="vendor", name="tier", field=models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="vendor",
            name="service",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
    ]
