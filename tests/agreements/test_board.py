"""The board of all contracts with gaps between their KRAs and their service levels, both ways."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from slas.actions import import_contract
from tests.cast import Cast
from tests.factories import contracts
from tests.slas.contract_texts import document, level, text

CX = {"code": "CX", "name": "Satisfied users", "weight": 40}
REL = {"code": "REL", "name": "Reliable service", "weight": 60}


@pytest.fixture(autouse=True)
def may_2025(clock: Callable) -> None:
    clock(datetime(2025, 5, 20, 9, tzinfo=UTC))


@pytest.fixture
def enter(cast: Cast, scope_of: Callable) -> Callable[..., Contract]:
    def made(reference: str, vendor: str = "CORVID", **more: object) -> Contract:
        given = document(**more)
        given["contract"] |= {"reference": reference, "vendor": {"code": vendor, "name": vendor.title()}}
        with scope_of(cast.aldermoor):
            return import_contract(by=None, source=text(given))

    return made


@pytest.fixture
def three(enter: Callable) -> list[Contract]:
    """One complete, one of whose score 40 % is not measured, and one with an idle service level besides."""
    idle = [level(), level("SL-02", name="Calls abandoned", kras={})]
    return [enter("WHOLE"), enter("IDLE", "HALDEN", service_levels=idle), enter("PART", kras=[REL, CX])]


def test_gaps_both_ways_the_largest_first(cast: Cast, client_for: Callable, three: list[Contract]) -> None:
    answer = client_for(cast.petra).get("alignment/")
    part, idle = answer.context["rows"]
    assert (part["contract"].reference, idle["contract"].reference) == ("PART", "IDLE")
    assert [(one.name, one.share) for one in part["kras"]] == [("Satisfied users", 40)]
    assert (part["measured"], part["levels"]) == (60, [])
    assert [one.name for one in idle["levels"]] == ["Calls abandoned"]
    assert (idle["measured"], idle["kras"]) == (100, [])
    page = " ".join(answer.content.decode().split())
    assert "2 contracts with gaps" in page and "1 KRA without a service level, 1 service level without a KRA" in page
    assert f"contracts/{part['contract'].pk}/revise/" in page
    assert [row["contract"].reference for row in client_for(cast.petra).get("alignment/?show=all").context["rows"]] == [
        *("PART", "IDLE", "WHOLE")
    ]


def test_only_living_agreed_contracts(
    cast: Cast, client_for: Callable, scope_of: Callable, three: list[Contract]
) -> None:
    with scope_of(cast.aldermoor):
        Contract.objects.filter(reference="PART").update(ends_on="2025-05-19")
        Contract.objects.filter(reference="IDLE").update(agreed=False)
    page = client_for(cast.petra).get("alignment/")
    assert page.context["rows"] == [] and "No gaps" in page.content.decode()


def test_ones_own_first_and_who_may_look(
    cast: Cast, client_for: Callable, scope_of: Callable, three: list[Contract]
) -> None:
    with scope_of(cast.aldermoor):
        contracts.owner(three[1], cast.marco)
    marco = client_for(cast.marco)
    page = marco.get("alignment/")
    assert [row["contract"].reference for row in page.context["rows"]] == ["IDLE"]
    assert "/revise/" not in page.content.decode()
    assert len(marco.get("alignment/?owner=all").context["rows"]) == 2
    assert client_for(cast.vera).get("alignment/").status_code == 403
    assert "/alignment/" in client_for(cast.petra).get("contracts/").content.decode()
    assert "/alignment/" not in client_for(cast.vera).get("contracts/").content.decode()


def test_as_many_statements_for_three_as_for_one(cast: Cast, client_for: Callable, enter: Callable) -> None:
    petra = client_for(cast.petra)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert petra.get("alignment/").status_code == 200
        return len(asked)

    enter("M-1", kras=[REL, CX])
    one = statements()
    enter("M-2", kras=[REL, CX])
    enter("M-3", "HALDEN", kras=[REL, CX])
    assert statements() == one
