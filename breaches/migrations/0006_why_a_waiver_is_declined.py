"""Why a proposal to waive a credit was declined."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("breaches", "0005_fill_who_acknowledged")]
    operations = [
        migrations.AddField(model_name="waiverproposal", name="decline_reason", field=models.TextField(blank=True))
    ]
