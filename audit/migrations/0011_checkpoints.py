import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What stands for entries that are kept no longer."""

    dependencies = [("audit", "0010_vendor_seals"), ("organisations", "0013_keep_trail_years")]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("concerned_vendor_id", models.BigIntegerField(null=True)),
                ("last_entry", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("signature", models.CharField(max_length=64)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organisation", "concerned_vendor_id", "last_entry"], name="checkpoint_latest")
                ],
            },
        ),
    ]
