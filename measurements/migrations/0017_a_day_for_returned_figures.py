from django.db import migrations, models


class Migration(migrations.Migration):
    """A return sets a day of its own; of earlier returns none is known."""

    dependencies = [
        ("measurements", "0016_count_reported_periods"),
    ]

    operations = [
        migrations.AddField(model_name="submission", name="due_again_on", field=models.DateField(null=True)),
    ]
