from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0012_extensions"),
    ]

    operations = [
        migrations.AddField(
            model_name="contract",
            name="agreed",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="shared",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
