"""What was reported of a period keeps it: a contract that ends earlier takes no figure along."""

import django.db.models.deletion
import organisations.tenancy
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0015_answer_within"),
        ("measurements", "0026_who_reported_and_answers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="figure",
            name="period",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contracts.period",
            ),
        ),
    ]
