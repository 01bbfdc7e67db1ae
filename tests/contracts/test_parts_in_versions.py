"""The migration that makes versions of a contract's parts: what is there becomes the first version, and comes back."""

from importlib import import_module

import pytest
from django.db import connection

MIGRATION = import_module("contracts.migrations.0005_parts_in_versions")
BEFORE = [
    ("2024-04-01", 10, '{"monthly": "1000"}', '{"hours": null}', '{"minimum": "1"}', '{"missing": "zero"}'),
    ("2025-01-15", 5, "{}", "{}", None, None),
]
COLUMNS = "starts_on::text, report_due::text, charges::text, calendar::text, credits::text, scorecard::text"


@pytest.mark.django_db
def test_what_is_there_becomes_the_first_version_and_comes_back():
    with connection.cursor() as cursor:
        # In the place of the table, for this session alone.
        cursor.execute("""CREATE TEMP TABLE contracts_contract (starts_on date,
            report_due smallint NOT NULL CONSTRAINT contracts_contract_report_due_check CHECK (report_due >= 0),
            charges jsonb NOT NULL, calendar jsonb NOT NULL, credits jsonb, scorecard jsonb)""")
        cursor.executemany("INSERT INTO contracts_contract VALUES (%s, %s, %s, %s, %s, %s)", BEFORE)
        cursor.execute(f"SELECT {COLUMNS} FROM contracts_contract ORDER BY starts_on")
        before = cursor.fetchall()
        for statement in MIGRATION.FORWARDS:
            cursor.execute(statement)
        cursor.execute(f"SELECT {COLUMNS} FROM contracts_contract ORDER BY starts_on")
        assert cursor.fetchall() == [
            (
                "2024-04-01",
                '[{"days": 10, "from": "2024-04-01"}]',
                '[{"from": "2024-04-01", "monthly": "1000"}]',
                '[{"from": "2024-04-01", "hours": null}]',
                '[{"from": "2024-04-01", "minimum": "1"}]',
                '[{"from": "2024-04-01", "missing": "zero"}]',
            ),
            ("2025-01-15", '[{"days": 5, "from": "2025-01-15"}]', *['[{"from": "2025-01-15"}]'] * 2, "[]", "[]"),
        ]
        for statement in MIGRATION.BACKWARDS:
            cursor.execute(statement)
        cursor.execute(f"SELECT {COLUMNS} FROM contracts_contract ORDER BY starts_on")
        assert cursor.fetchall() == before
