"""What each model of an organisation must say about itself. No line per model: a new one is covered when it is there."""

from typing import Any

import pytest
from django.db import models

from organisations import row_security
from organisations.models import ApiKey, Membership, Organisation, OrganisationSettings, Presence
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel

ALL = [pytest.param(model, id=model._meta.label) for model in row_security.tables()]
TENANT = [
    pytest.param(model, id=model._meta.label) for model in row_security.tables() if issubclass(model, TenantModel)
]

# Before there is a scope the door finds out whom it lets in, and what the organisation asks of them.
READ_BY_THE_DOOR = {Membership, ApiKey, OrganisationSettings, Presence}


@pytest.mark.parametrize("model", ALL)
def test_it_is_classified(model: type[models.Model]) -> None:
    tenant, library = row_security.is_tenant(model), model._meta.app_label in row_security.LIBRARY_APPS
    assert tenant or library or hasattr(model, "LOGIN_ACCESS"), "Say in its class whose its rows are."


@pytest.mark.parametrize("model", TENANT)
def test_its_uniques_start_with_the_organisation(model: type[models.Model]) -> None:
    alone = [field.name for field in model._meta.local_fields if field.unique and not field.primary_key]
    assert alone == []
    assert not model._meta.unique_together
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            assert constraint.fields[0] == "organisation", constraint.name
        elif hasattr(constraint, "expressions"):
            assert constraint.expressions[0][0] == "organisation", constraint.name


@pytest.mark.parametrize("model", TENANT)
def test_its_keys_stay_in_the_organisation(model: Any) -> None:
    """Fields that point at an organisation's row are TenantForeignKeys, and each has its composite key in the walls."""
    wanted = row_security.wanted()
    for field in model._meta.local_concrete_fields:
        target = field.related_model if field.is_relation else None
        if target is None or not issubclass(target, TenantModel):
            continue
        assert isinstance(field, TenantForeignKey), field.name
        table = model._meta.db_table
        if model.WRITTEN_IN_SETS:
            pointed = target._meta.db_table
            for trigger in ("keys_insert", "keys_update"):
                assert f"'{field.column} {pointed} organisation_id" in wanted["trigger", table, trigger].definition
            kept = wanted["trigger", pointed, f"kept_for_{table}_{field.column}"].definition
            assert f"'{field.column} {table} organisation_id" in kept
        else:
            wall = wanted["foreign", table, f"{table}_{field.column}_wall"]
            assert wall.definition.startswith("FOREIGN KEY (organisation_id, ")


@pytest.mark.parametrize("model", TENANT)
def test_its_managers_carry_the_scope(model: Any) -> None:
    unscoped = ["unscoped"] if model in READ_BY_THE_DOOR else []
    for manager in model._meta.managers:
        assert isinstance(manager, TenantManager) or manager.name in unscoped, manager.name
    assert isinstance(model._default_manager, TenantManager)
    assert isinstance(model._base_manager, TenantManager)


@pytest.mark.parametrize("model", TENANT)
def test_it_belongs_to_a_vendor_where_vendors_may_see_it(model: Any) -> None:
    if model.VENDOR_ACCESS:
        assert model.VENDOR_COLUMN in {field.column for field in model._meta.local_concrete_fields}
    assert set(_rights(model.VENDOR_ACCESS)) <= set(_rights(model.STAFF_ACCESS)), "Vendors may not do more than staff."
    assert set(_rights(model.LOGIN_ACCESS)) <= ({"SELECT"} if model in READ_BY_THE_DOOR else set())


@pytest.mark.parametrize("model", [one for one in TENANT if one.values[0].AUDITED])
def test_its_rows_are_called_by_something_in_the_trail(model: Any) -> None:
    """CALLED names columns: without one of its own a model has a name."""
    for name in model.CALLED:
        assert model._meta.get_field(name)


def _rights(access: str) -> list[str]:
    return [word.strip() for word in access.split(",") if word.strip()]


def test_a_table_that_says_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Organisation, "LOGIN_ACCESS")
    monkeypatch.delattr(Organisation, "ORGANISATION_COLUMN")
    with pytest.raises(row_security.Unclassified, match=r"organisations\.Organisation"):
        row_security.wanted()


def test_a_plain_foreign_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Membership._meta.get_field("vendor"), "db_constraint", True)
    with pytest.raises(row_security.Unclassified, match=r"Membership\.vendor"):
        row_security.wanted()


def test_letting_vendors_into_a_table_without_vendors_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Membership, "VENDOR_COLUMN", "supplier_id")
    with pytest.raises(row_security.Unclassified, match="supplier_id"):
        row_security.wanted()


def test_a_global_model_cannot_point_into_an_organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        row_security, "is_tenant", lambda model: model is not Membership and hasattr(model, "ORGANISATION_COLUMN")
    )
    monkeypatch.setattr(Membership, "LOGIN_ACCESS", "SELECT")
    with pytest.raises(row_security.Unclassified, match="cannot point into an organisation"):
        row_security.wanted()
