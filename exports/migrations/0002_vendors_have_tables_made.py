import django.db.models.deletion
import organisations.tenancy
from django.db import migrations


class Migration(migrations.Migration):
    """Large tables are made for vendors' people, too: what is asked for is their vendor's, as they are."""

    dependencies = [
        ("exports", "0001_large_tables"),
        ("organisations", "0018_escalation_of_breaches"),
    ]

    operations = [
        migrations.AddField(
            model_name="tableexport",
            name="vendor",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.vendor",
            ),
        ),
        migrations.AddField(
            model_name="tableexportfile",
            name="vendor",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.vendor",
            ),
        ),
    ]
