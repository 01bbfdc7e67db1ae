from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("scorecards", "0002_scorecards_in_sets"),
    ]

    operations = [
        migrations.RenameField(
            model_name="scorecard",
            old_name="built_at",
            new_name="judged_at",
        ),
    ]
