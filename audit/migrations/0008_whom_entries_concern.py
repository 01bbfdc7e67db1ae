"""Whom an entry concerns, from now on. Entries that are there say nothing of it: they stay as they were written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_renamed_organisations")]

    operations = [
        migrations.AddField(model_name="entry", name="concerned_vendor_id", field=models.BigIntegerField(null=True)),
    ]
