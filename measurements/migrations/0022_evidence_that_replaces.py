import django.db.models.deletion
import organisations.tenancy
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("measurements", "0021_scans"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="replaces",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="measurements.evidence",
            ),
        ),
    ]
