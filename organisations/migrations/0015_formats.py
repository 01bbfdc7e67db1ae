from django.db import migrations, models


class Migration(migrations.Migration):
    """How pages write numbers and dates."""

    dependencies = [("organisations", "0014_contract_defaults")]

    operations = [
        migrations.AddField(
            model_name="organisationsettings",
            name="number_style",
            field=models.CharField(
                choices=[("comma_point", "1,234.50"), ("point_comma", "1.234,50"), ("space_comma", "1 234,50")],
                db_default="comma_point",
                default="comma_point",
                max_length=12,
                verbose_name="numbers",
            ),
        ),
        migrations.AddField(
            model_name="organisationsettings",
            name="day_style",
            field=models.CharField(
                choices=[("day_first", "9 Nov 2026"), ("month_first", "Nov 9, 2026"), ("year_first", "2026-11-09")],
                db_default="day_first",
                default="day_first",
                max_length=12,
                verbose_name="dates",
            ),
        ),
    ]
