import django.db.models.deletion
from django.db import migrations, models

import organisations.tenancy


class Migration(migrations.Migration):
    """How far each step that builds on the judgement has come. There is none at first: each step looks at each contract once."""

    dependencies = [
        ("contracts", "0007_number_judgements"),
        ("evaluation", "0009_missed_target"),
        ("organisations", "0009_encrypt_seeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=12)),
                ("judgements", models.BigIntegerField()),
                (
                    "contract",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "contract", "step"), name="watermark_once")
                ],
            },
        ),
    ]
