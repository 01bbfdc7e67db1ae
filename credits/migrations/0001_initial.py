"""The ledger and its waivers, taken over from `breaches` with their tables: state only."""

import django.db.models.deletion
import organisations.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0008_credits_moved_out"),
        ("contracts", "0001_initial"),
        ("organisations", "0003_keys_by_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="LedgerEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("month", models.DateField()),
                        ("posted_in", models.DateField()),
                        (
                            "kind",
                            models.CharField(
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
                        ("number", models.PositiveSmallIntegerField(default=1)),
                        ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                        ("memo", models.DecimalField(decimal_places=4, max_digits=20)),
                        ("reason", models.TextField(blank=True)),
                        ("reference", models.CharField(blank=True, max_length=80)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "approved_by",
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
                            "contract",
                            organisations.tenancy.TenantForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ledger",
                                to="contracts.contract",
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
                                null=True,
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
                        "db_table": "breaches_ledgerentry",
                        "abstract": False,
                        "base_manager_name": "objects",
                        "default_manager_name": "objects",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "contract", "month", "kind", "number"), name="ledger_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "accrual"), _negated=True), ("number", 1), _connector="OR"
                                ),
                                name="ledger_one_accrual",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by__isnull", True),
                                    models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="ledger_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "waiver"), _negated=True),
                                    models.Q(("approved_by__isnull", False), ("proposed_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="ledger_waiver_has_people",
                            ),
                            models.CheckConstraint(
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
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WaiverProposal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("month", models.DateField()),
                        ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                        ("reason", models.TextField()),
                        ("decline_reason", models.TextField(blank=True)),
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
                        "db_table": "breaches_waiverproposal",
                        "abstract": False,
                        "base_manager_name": "objects",
                        "default_manager_name": "objects",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "proposed")),
                                fields=("organisation", "contract", "month"),
                                name="waiver_one_proposed",
                            ),
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="waiver_positive"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", True),
                                        ("decided_by__isnull", True),
                                        ("status", "proposed"),
                                    ),
                                    models.Q(
                                        models.Q(("status", "proposed"), _negated=True),
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="waiver_decided",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "approved"), _negated=True),
                                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="waiver_two_people",
                            ),
                        ],
                    },
                ),
            ]
        )
    ]
