from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the work: the trail is the largest table there is."""

    atomic = False
    dependencies = [("audit", "0008_whom_entries_concern")]

    operations = [
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("concerned_vendor_id__isnull", False)),
                fields=["organisation", "concerned_vendor_id", "id"],
                name="audit_entry_vendor",
            ),
        ),
    ]
