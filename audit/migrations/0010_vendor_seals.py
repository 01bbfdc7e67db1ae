import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A vendor's own chain of seals."""

    dependencies = [("audit", "0009_find_entries_of_a_vendor"), ("organisations", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="VendorSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_entry", models.BigIntegerField()),
                ("last_entry", models.BigIntegerField()),
                ("entries", models.PositiveIntegerField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("concerned_vendor_id", models.BigIntegerField()),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "concerned_vendor_id", "last_entry"), name="vendorseal_last_entry"
                    ),
                    models.UniqueConstraint(
                        fields=("organisation", "concerned_vendor_id", "previous_hash"), name="vendorseal_one_chain"
                    ),
                ],
            },
        ),
    ]
