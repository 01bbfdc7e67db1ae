from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credits", "0009_credits_to_cash")]

    operations = [
        migrations.AddField(
            model_name="creditclaim",
            name="shared",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
