from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contracts", "0007_number_judgements")]

    operations = [
        migrations.AddField(
            model_name="period",
            name="slots",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
