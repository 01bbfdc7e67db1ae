from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0002_waivers_and_numbers"),
        ("contracts", "0001_initial"),
        ("organisations", "0002_keys_by_statement"),
        ("slas", "0002_weight_to_twelve_decimals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="breach",
            index=models.Index(fields=["organisation", "-month", "-opened_at", "-id"], name="breach_latest"),
        ),
    ]
