from django.db import migrations, models


class Migration(migrations.Migration):
    """Each judgement of a contract has a number, so that what is built on it sees whether there is a newer one."""

    dependencies = [
        ("contracts", "0004_count_failures"),
    ]

    operations = [
        migrations.AddField("reevaluation", "judgements", models.BigIntegerField(default=0, db_default=0)),
    ]
