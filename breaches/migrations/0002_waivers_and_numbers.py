"""Proposals to waive credits, and a number for each ledger entry so that none can be posted twice."""

import django.db.models.deletion
import organisations.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0001_initial"),
        ("contracts", "0001_initial"),
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaiverProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("reason", models.TextField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "contract",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiver_proposals",
                        to="contracts.contract",
                    ),
                ),
                (
                    "decided_by",
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
                    "proposed_by",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.membership",
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
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="ledgerentry",
            name="ledger_one_accrual",
        ),
        migrations.RemoveIndex(
            model_name="ledgerentry",
            name="ledger_month",
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="number",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("accrual", "Credit accrued"),
                    ("forgone", "Cut by a cap"),
                    ("earn_back", "Earned back"),
                    ("adjustment", "Restatement"),
                    ("waiver", "Waived"),
                    ("waiver_back", "Waiver taken back"),
                    ("invoice", "Taken on an invoice"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                fields=("organisation", "contract", "month", "kind", "number"), name="ledger_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "accrual"), _negated=True), ("number", 1), _connector="OR"),
                name="ledger_one_accrual",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "waiver"), _negated=True),
                    models.Q(("approved_by__isnull", False), ("proposed_by__isnull", False)),
                    _connector="OR",
                ),
                name="ledger_waiver_has_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["adjustment", "invoice"]), ("memo", 0)),
                    models.Q(("amount", 0), ("kind", "forgone")),
                    models.Q(("amount__gte", 0), ("kind", "accrual"), ("memo", 0)),
                    models.Q(("amount__gt", 0), ("kind", "waiver_back"), ("memo", 0)),
                    models.Q(("amount__lt", 0), ("kind__in", ["earn_back", "waiver"]), ("memo", 0)),
                    _connector="OR",
                ),
                name="ledger_signs",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiverproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "proposed")),
                fields=("organisation", "contract", "month"),
                name="waiver_one_proposed",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiverproposal",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="waiver_positive"),
        ),
        migrations.AddConstraint(
            model_name="waiverproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("status", "proposed")),
                    models.Q(
                        models.Q(("status", "proposed"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="waiver_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiverproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "approved"), _negated=True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="waiver_two_people",
            ),
        ),
    ]
