"""More is found in contracts than before: the night looks them over again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0013_first_version_being_agreed"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE contracts_contract SET findings = NULL WHERE findings IS NOT NULL", migrations.RunSQL.noop
        )
    ]
