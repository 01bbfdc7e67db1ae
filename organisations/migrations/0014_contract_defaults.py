from django.db import migrations, models


class Migration(migrations.Migration):
    """What holds where a contract says nothing."""

    dependencies = [("organisations", "0013_keep_trail_years")]

    operations = [
        migrations.AddField(
            model_name="organisationsettings",
            name="accept_after",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="accepted after working days"),
        ),
        migrations.AddField(
            model_name="organisationsettings",
            name="verify_after",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="verified after periods met"),
        ),
        migrations.AddField(
            model_name="organisationsettings",
            name="two_people_from",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="two people from"
            ),
        ),
    ]
