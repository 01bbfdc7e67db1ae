from django.db import migrations, models

PARTS = ("charges", "calendar", "credits", "scorecard")
# What is there becomes the first version of each part. The columns are rewritten as they change their form, so that no row is
# updated and the trail notes no change of the contract: it means what it meant.
FORWARDS = [
    "ALTER TABLE contracts_contract DROP CONSTRAINT IF EXISTS contracts_contract_report_due_check",
    """ALTER TABLE contracts_contract ALTER COLUMN report_due TYPE jsonb
        USING jsonb_build_array(jsonb_build_object('from', starts_on, 'days', report_due))""",
    *(
        f"""ALTER TABLE contracts_contract ALTER COLUMN {part} TYPE jsonb
        USING CASE WHEN jsonb_typeof({part}) = 'object' THEN jsonb_build_array(jsonb_build_object('from', starts_on) || {part})
            ELSE '[]' END"""
        for part in PARTS
    ),
    "ALTER TABLE contracts_contract ALTER COLUMN credits SET NOT NULL, ALTER COLUMN scorecard SET NOT NULL",
]
BACKWARDS = [
    "ALTER TABLE contracts_contract ALTER COLUMN credits DROP NOT NULL, ALTER COLUMN scorecard DROP NOT NULL",
    *(
        f"ALTER TABLE contracts_contract ALTER COLUMN {part} TYPE jsonb USING ({part} -> 0) - 'from'::text"
        for part in PARTS
    ),
    """ALTER TABLE contracts_contract ALTER COLUMN report_due TYPE smallint USING (report_due #>> '{0,days}')::smallint,
        ADD CONSTRAINT contracts_contract_report_due_check CHECK (report_due >= 0)""",
]


class Migration(migrations.Migration):
    """Charges, calendar, due day, credits and scorecard become lists of versions, each with the day from which it holds."""

    dependencies = [("contracts", "0004_count_failures")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARDS, BACKWARDS)],
            state_operations=[
                migrations.AlterField("contract", part, models.JSONField(default=list))
                for part in (*PARTS, "report_due")
            ],
        )
    ]
