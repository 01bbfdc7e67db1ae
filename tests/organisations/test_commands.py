"""`migrate` builds the walls and `walls` looks at them."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from organisations import row_security, wall_building


@pytest.mark.django_db(databases=["default", "owner"])
def test_walls_says_that_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("walls")
    assert capsys.readouterr().out.strip() == "No drift."


def test_walls_says_what_differs_and_migrate_mends_it(committed: None, capsys: pytest.CaptureFixture[str]) -> None:
    statements = (
        "ALTER TABLE contracts_contract DISABLE ROW LEVEL SECURITY",
        "DROP POLICY staff ON contracts_period",
        "REVOKE SELECT ON kras_kra FROM plumbline_staff",
        "GRANT SELECT ON kras_kra TO PUBLIC",
        "GRANT SELECT (name) ON slas_servicelevel TO plumbline_login",
        "DROP TRIGGER audit ON slas_terms",
        # Takes every key along that points at it.
        "ALTER TABLE contracts_contract DROP CONSTRAINT contracts_contract_vendor_wall CASCADE",
    )
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        keys = len([line for line in row_security.drift(cursor) if line.startswith("foreign")])
        assert keys > 3
    with pytest.raises(CommandError) as said:
        call_command("walls")
    for words in (
        "rls contracts_contract",
        "policy contracts_period staff",
        "grant kras_kra public",
        "trigger slas_terms audit",
    ):
        assert words in str(said.value)
    call_command("migrate", verbosity=1)
    assert "statements." in capsys.readouterr().out
    call_command("migrate", verbosity=1)
    assert "as they should be" in capsys.readouterr().out
    call_command("walls")


def test_migrate_says_what_it_cannot_mend(committed: None, capsys: pytest.CaptureFixture[str]) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE VIEW every_contract AS SELECT * FROM contracts_contract")
    call_command("migrate", verbosity=1)
    assert "view every_contract: should be absent" in capsys.readouterr().err


def test_a_plan_changes_nothing(committed: None, capsys: pytest.CaptureFixture[str]) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP POLICY staff ON contracts_period")
    call_command("migrate", plan=True)
    assert "Walls" not in capsys.readouterr().out
    with connections["owner"].cursor() as cursor:
        assert len(row_security.drift(cursor)) == 1


def test_a_wrong_wall_is_replaced(committed: None) -> None:
    """Dropping a unique that others point at, and building it again, brings the others back in the same run."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE contracts_contract DROP CONSTRAINT contracts_contract_vendor_wall CASCADE")
        cursor.execute(
            "ALTER TABLE contracts_contract ADD CONSTRAINT contracts_contract_vendor_wall UNIQUE (organisation_id, id)"
        )
        assert wall_building.apply(cursor) > 3
        assert row_security.drift(cursor) == []
        assert wall_building.apply(cursor) == 0


def test_what_does_not_come_to_rest_is_an_error(committed: None, monkeypatch: Any) -> None:
    build = row_security.CatalogueItem("never like this", "SELECT 1")
    wanted = row_security.wanted()
    monkeypatch.setattr(row_security, "wanted", lambda: {**wanted, ("policy", "contracts_contract", "odd"): build})
    with connections["owner"].cursor() as cursor, pytest.raises(RuntimeError, match="do not come to rest"):
        wall_building.apply(cursor)
