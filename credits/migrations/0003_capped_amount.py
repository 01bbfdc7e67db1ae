from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What a cap cut is called so in the ledger too. The column's check follows its name by itself, so that only the state changes."""

    dependencies = [
        ("credits", "0002_versions"),
    ]

    operations = [
        migrations.RenameField("ledgerentry", "memo", "capped_amount"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("ledgerentry", "ledger_signs"),
                migrations.AddConstraint(
                    "ledgerentry",
                    models.CheckConstraint(
                        name="ledger_signs",
                        condition=Q(kind__in=["adjustment", "invoice"], capped_amount=0)
                        | Q(kind="forgone", amount=0)
                        | Q(kind="accrual", amount__gte=0, capped_amount=0)
                        | Q(kind="waiver_back", amount__gt=0, capped_amount=0)
                        | Q(kind__in=["earn_back", "waiver"], amount__lt=0, capped_amount=0),
                    ),
                ),
            ]
        ),
    ]
