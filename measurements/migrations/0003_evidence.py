import django.db.models.deletion
import organisations.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("measurements", "0002_figures_by_part"),
        ("organisations", "0002_keys_by_statement"),
        ("slas", "0002_weight_to_twelve_decimals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=150)),
                ("description", models.CharField(blank=True, max_length=500)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("stored_name", models.CharField(max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("stored", "Stored")], default="pending", max_length=7
                    ),
                ),
                ("added_by_name", models.CharField(blank=True, max_length=120)),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.membership",
                    ),
                ),
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
                (
                    "service_level",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="slas.servicelevel",
                    ),
                ),
                (
                    "submission",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="measurements.submission",
                    ),
                ),
                (
                    "vendor",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.vendor",
                    ),
                ),
            ],
            options={
                "ordering": ["added_at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organisation", "submission"], name="evidence_submission"),
                    models.Index(fields=["organisation", "sha256"], name="evidence_sha256"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "stored_name"), name="evidence_stored_name")
                ],
            },
        ),
    ]
