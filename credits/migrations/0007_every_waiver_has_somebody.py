from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Looked at without keeping anybody from posting."""

    dependencies = [("credits", "0006_waivers_by_one_person")]

    operations = [ValidateConstraint(model_name="ledgerentry", name="ledger_waiver_has_somebody")]
