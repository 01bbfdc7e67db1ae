"""A breach is open until it is closed: the state in which nobody has acknowledged it is called that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0006_why_a_waiver_is_declined"),
    ]

    operations = [
        migrations.AlterField(
            model_name="breach",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Not acknowledged"),
                    ("acknowledged", "Acknowledged"),
                    ("plan", "Plan under way"),
                    ("verified", "Verified"),
                    ("closed", "Closed"),
                    ("disputed", "Disputed"),
                    ("excused", "Excused"),
                    ("waived", "Waived"),
                    ("restated", "Restated"),
                ],
                default="open",
                max_length=12,
            ),
        ),
    ]
