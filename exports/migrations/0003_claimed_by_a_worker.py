from django.db import migrations, models


class Migration(migrations.Migration):
    """A table that a worker makes says so, and until when: no other one makes it meanwhile."""

    dependencies = [("exports", "0002_vendors_have_tables_made")]

    operations = [
        migrations.AddField(model_name="tableexport", name="leased_until", field=models.DateTimeField(null=True)),
    ]
