from django.db import migrations, models

import organisations.tenancy


class Migration(migrations.Migration):
    """The docket becomes the re-evaluation queue. Names alone change."""

    dependencies = [
        ("contracts", "0002_owners"),
    ]

    operations = [
        migrations.RenameModel("Docket", "Reevaluation"),
        migrations.AlterField(
            model_name="reevaluation",
            name="contract",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                on_delete=models.deletion.CASCADE,
                related_name="reevaluations",
                to="contracts.contract",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE contracts_reevaluation RENAME CONSTRAINT docket_contract TO reevaluation_contract",
                    "ALTER TABLE contracts_reevaluation RENAME CONSTRAINT reevaluation_contract TO docket_contract",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("reevaluation", "docket_contract"),
                migrations.AddConstraint(
                    "reevaluation",
                    models.UniqueConstraint(fields=["organisation", "contract"], name="reevaluation_contract"),
                ),
            ],
        ),
    ]
