from django.db import migrations, models


class Migration(migrations.Migration):
    """Each judgement of a contract has a number, so that what is built on it sees whether there is a newer one."""

    dependencies = [
        ("contracts", "0006_accept_dispute_claim"),
    ]

    operations = [
        migrations.AddField("reevaluation", "judgements", models.BigIntegerField(default=0, db_default=0)),
    ]
