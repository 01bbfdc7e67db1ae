import django.db.models.deletion
import organisations.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    """What became of what a triggered rule leads to, step by step."""

    dependencies = [
        ("breaches", "0017_escalations_watchers_excusals"),
        ("organisations", "0018_escalation_of_breaches"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsequenceStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "To decide"),
                            ("used", "Used"),
                            ("lapsed", "Let lapse"),
                            ("waived", "Waived"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("by_name", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "by",
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
                    "consequence",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="breaches.consequence",
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
            ],
            options={
                "ordering": ["-at", "-pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organisation", "consequence", "at"], name="consequence_step")],
            },
        ),
    ]
