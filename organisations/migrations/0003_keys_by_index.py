"""Keys are looked up by index also inside the judgement, which runs with nested loops off: of a share's keys there are a thousand, of rows that
they may point at many more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_keys_by_statement")]
    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION keys_hold() SET enable_nestloop = on", "ALTER FUNCTION keys_hold() RESET enable_nestloop"
        )
    ]
