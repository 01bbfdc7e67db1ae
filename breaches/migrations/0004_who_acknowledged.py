"""The name of who acknowledged a breach, for the vendor's people, who do not see the client's memberships."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("breaches", "0003_latest_first")]
    operations = [
        migrations.AddField(
            model_name="breach", name="acknowledged_by_name", field=models.CharField(blank=True, max_length=120)
        ),
    ]
