"""When what an event asks for was decided."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("organisations", "0001_initial")]
    operations = [
        migrations.AddField(model_name="event", name="decided_at", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["organisation"],
                name="event_to_decide",
                condition=models.Q(("decided_at__isnull", True), ("kind", "approval")),
            ),
        ),
    ]
