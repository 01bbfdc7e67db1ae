from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0005_months_in_sets"),
    ]

    operations = [
        migrations.AddField(
            model_name="pastresult",
            name="follows_from",
            field=models.DateField(null=True),
        ),
    ]
