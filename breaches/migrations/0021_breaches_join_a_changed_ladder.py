from django.db import migrations, models


class Migration(migrations.Migration):
    """A breach that has no rung says by which settings, so that it joins a ladder that gets some, from then on."""

    dependencies = [("breaches", "0020_find_rungs_planned_before")]

    operations = [
        migrations.AlterField(model_name="escalation", name="due_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="escalation", name="counted_from", field=models.DateTimeField(null=True)),
    ]
