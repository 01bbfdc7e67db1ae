"""How many figures each period asks for, which is kept with it from now on."""

from django.db import migrations

COUNT = """
UPDATE contracts_period AS p SET slots = n.slots
FROM (
    SELECT p.id, count(*) AS slots
    FROM contracts_period AS p
    JOIN slas_servicelevel AS s ON s.contract_id = p.contract_id AND s.cycle = p.cycle
    JOIN slas_terms AS t ON t.service_level_id = s.id AND t.valid @> p.starts_on
    GROUP BY p.id
) AS n
WHERE p.id = n.id AND p.slots <> n.slots
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0008_slots_of_a_period"),
        ("slas", "0003_metric_and_last_day"),
    ]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
