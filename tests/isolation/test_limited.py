"""People of a vendor who are limited to some of its contracts: by SQL in every table, and through every address."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from contracts.models import Contract
from exports.models import TableExport, TableExportFile
from notifications.models import Event, Notification
from organisations import row_security
from organisations.models import Membership
from organisations.scope import open_scope
from organisations.tenancy import TenantModel
from tests.cast import Cast
from tests.factories import everything
from tests.isolation.addresses import addresses, names_one_of, open_to_foreigners, own_values

SEEN: list[Any] = [m for m in row_security.tables() if issubclass(m, TenantModel) and m.VENDOR_ACCESS]
OF_CONTRACTS = [model for model in SEEN if row_security.contract_column(model)]
BY_A_KEY = [
    model for model in SEEN if " IN ( SELECT" in row_security.limit_of(model) and not hasattr(model, "LIMITED_TO")
]


@pytest.fixture
def two(rows: Cast) -> tuple[Contract, Contract]:
    """Two contracts of Corvid's, with rows of each in every table."""
    with open_scope(organisation_id=rows.aldermoor.pk):
        everything.for_vendor(rows.corvid)
        first, second = Contract.objects.filter(vendor=rows.corvid).order_by("pk")
    return first, second


def limited(rows: Cast, *contracts: Contract, member: Membership | None = None) -> Any:
    """The scope of somebody of Corvid's who is limited to these."""
    one = member or rows.vera
    ids = [contract.pk for contract in contracts]
    return open_scope(organisation_id=rows.aldermoor.pk, vendor_id=rows.corvid.pk, actor_id=one.pk, contracts=ids)


def column(model: Any, name: str) -> set[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {name} FROM "{model._meta.db_table}"')
        return {value for (value,) in cursor.fetchall()}


def test_the_tables_are_those_of_contracts() -> None:
    """What is left out is the organisation's: people, vendors, keys, inboxes. A new table of a contract's is found by itself."""
    open_ = {model._meta.label for model in SEEN if not row_security.limit_of(model)}
    assert open_ == {
        "organisations.Vendor",
        "organisations.VendorIdentifier",
        "organisations.Membership",
        "organisations.Presence",
        "organisations.Invitation",
        "organisations.ApiKey",
        "organisations.ApiUse",
        "api.RepeatableCall",
        "notifications.InvitationLetter",
        "notifications.Bounce",
        "notifications.LetterPreferences",
    }


def test_sql_shows_the_rows_of_one_s_contracts_alone(
    rows: Cast, two: tuple[Contract, Contract], subtests: pytest.Subtests
) -> None:
    first, second = two
    for mine, other in ((first, second), (second, first)):
        with limited(rows, mine):
            for model in OF_CONTRACTS:
                with subtests.test(model._meta.label):
                    assert column(model, row_security.contract_column(model) or "") == {mine.pk}
            kept = {model: column(model, "id") for model in BY_A_KEY}
        with limited(rows, other):
            for model in BY_A_KEY:
                with subtests.test(model._meta.label):
                    theirs = column(model, "id")
                    assert theirs
                    assert kept[model]
                    assert not theirs & kept[model]
    with limited(rows, first, second):
        both = {model: column(model, "id") for model in SEEN}
    with limited(rows):
        for model in [*OF_CONTRACTS, *BY_A_KEY]:
            assert column(model, "id") == set()
    with open_scope(organisation_id=rows.aldermoor.pk, vendor_id=rows.corvid.pk, actor_id=rows.vera.pk):
        for model in SEEN:
            if not hasattr(model, "LIMITED_TO"):
                assert column(model, "id") == both[model], model


def test_an_inbox_and_tables_are_one_s_own(rows: Cast, two: tuple[Contract, Contract]) -> None:
    with limited(rows, two[0], member=rows.ravi):
        assert column(Notification, "member_id") <= {rows.ravi.pk}
        assert column(Event, "id") == column(Notification, "event_id")
        assert column(TableExport, "asked_by_id") <= {rows.ravi.pk}
        assert column(TableExportFile, "export_id") == column(TableExport, "id")


def test_sql_writes_nothing_into_another_contract(
    rows: Cast, two: tuple[Contract, Contract], subtests: pytest.Subtests
) -> None:
    first, second = two
    written = [model for model in OF_CONTRACTS if "UPDATE" in model.VENDOR_ACCESS]
    assert written
    for model in written:
        with subtests.test(model._meta.label), limited(rows, first):
            table = model._meta.db_table
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f'UPDATE "{table}" SET contract_id = %s', [second.pk])
            with connection.cursor() as cursor:
                cursor.execute(f'UPDATE "{table}" SET contract_id = contract_id WHERE contract_id = %s', [second.pk])
                assert cursor.rowcount == 0


def test_every_address_is_closed_to_whoever_is_limited_to_another_contract(
    rows: Cast, two: tuple[Contract, Contract], client_for: Callable, subtests: pytest.Subtests
) -> None:
    """With the rows of the first contract, for Vera, who answers for Corvid and is limited to the second."""
    with open_scope(organisation_id=rows.aldermoor.pk):
        Membership.objects.filter(pk=rows.vera.pk).update(contracts=[two[1].pk])
    vera, walked = client_for(rows.vera), 0
    for address in addresses():
        if not names_one_of(address, [*OF_CONTRACTS, *BY_A_KEY]):
            continue
        walked += 1
        with subtests.test(str(address)):
            assert open_to_foreigners(address, own_values(address, rows.vera), vera) == []
    assert walked > 20
    assert vera.get(f"contracts/{two[1].pk}/").status_code == 200


@pytest.mark.parametrize(
    "path", ["contracts/", "breaches/", "submissions/", "scorecards/", "", "api/v1/contracts/", "api/v1/breaches/"]
)
def test_lists_name_no_other_contract(
    path: str, rows: Cast, two: tuple[Contract, Contract], client_for: Callable
) -> None:
    with open_scope(organisation_id=rows.aldermoor.pk):
        Membership.objects.filter(pk=rows.vera.pk).update(contracts=[two[1].pk])
        Contract.objects.filter(pk=two[0].pk).update(title="Hidden from her")
    html = client_for(rows.vera).get(path, follow=True).content.decode()
    assert "Hidden from her" not in html
    assert two[0].reference not in html
