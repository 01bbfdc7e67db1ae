import django.db.models.deletion
import organisations.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("measurements", "0025_reasons_of_single_figures"),
    ]

    operations = [
        migrations.AddField(
            model_name="figure",
            name="fed_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="figure",
            name="fed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="evidence",
            name="answer",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="evidence",
            name="answered_by",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.membership",
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="answered_by_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
    ]
