from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A waiver needs somebody; from which amount on it needs two people is the organisation's setting (`credits/walls`)."""

    dependencies = [("credits", "0005_holds")]

    operations = [
        migrations.RemoveConstraint(model_name="ledgerentry", name="ledger_waiver_has_people"),
        AddConstraintNotValid(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "waiver"), _negated=True) | models.Q(("proposed_by__isnull", False)),
                name="ledger_waiver_has_somebody",
            ),
        ),
    ]
