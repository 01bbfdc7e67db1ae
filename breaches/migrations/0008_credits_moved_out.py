"""The ledger and its waivers belong to `credits` from now on. State only: tables and rows stay where they are."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("breaches", "0007_open_is_not_acknowledged")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel("WaiverProposal"), migrations.DeleteModel("LedgerEntry")]
        )
    ]
