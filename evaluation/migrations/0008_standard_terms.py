from django.db import migrations, models

import organisations.tenancy


class Migration(migrations.Migration):
    """Standard terms: a firing becomes a triggered rule, a run of defaults and what a cap cuts are called what they are.

    Names alone change, in the tables too.
    """

    dependencies = [
        ("evaluation", "0007_exact_numbers"),
    ]

    operations = [
        migrations.RenameField("result", "run", "consecutive_defaults"),
        migrations.RenameField("pastresult", "run", "consecutive_defaults"),
        migrations.RenameField("month", "forgone", "capped_amount"),
        migrations.RenameModel("Firing", "TriggeredRule"),
        migrations.AlterField(
            model_name="triggeredrule",
            name="contract",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=models.deletion.PROTECT,
                related_name="triggered_rules",
                to="contracts.contract",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE evaluation_triggeredrule RENAME CONSTRAINT firing_once TO triggered_rule_once",
                    "ALTER TABLE evaluation_triggeredrule RENAME CONSTRAINT triggered_rule_once TO firing_once",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("triggeredrule", "firing_once"),
                migrations.AddConstraint(
                    "triggeredrule",
                    models.UniqueConstraint(
                        fields=["organisation", "contract", "month", "rule", "service_level"],
                        name="triggered_rule_once",
                        nulls_distinct=False,
                    ),
                ),
            ],
        ),
    ]
