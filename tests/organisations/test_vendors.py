"""Vendors: added, edited, and never entered twice without being told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions import add_vendor, edit_vendor
from organisations.models import Vendor, VendorIdentifier
from organisations.rules import Filed
from tests.cast import Cast
from tests.factories import organisations as make

Scopes = Callable[..., Any]
NUMBERS = {"GB-COH": "1234567", "VAT": "gb 123 456 789"}


# Actions -----------------------------------------------------------------------------------------------------------


def test_a_vendor_is_there_before_its_first_contract(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        vendor = add_vendor(by=cast.petra, code="SALTIRE", name="Saltire Networks", identifiers=NUMBERS)
        assert dict(vendor.identifiers.values_list("scheme", "value")) == {"GB-COH": "01234567", "VAT": "GB123456789"}


def test_the_number_of_another_vendor_names_it(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        make.identifier(cast.corvid, "01234567")
        for number in ("01234567", " 1234567 ", "012-345-67"):
            with pytest.raises(RuleBroken, match=r"01234567 is the number of Corvid Systems \(CORVID\)"):
                add_vendor(by=cast.petra, code="CORVID-2", name="Corvid", identifiers={"GB-COH": number})
        with pytest.raises(RuleBroken, match="code CORVID already"):
            add_vendor(by=cast.petra, code="CORVID", name="Corvid")
        assert Vendor.objects.count() == 2


def test_nobody_is_entered_twice_unless_it_is_said(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    petra = client_for(cast.petra)
    capitals = petra.post("new-vendor/", {"code": "corvid", "name": "Corvid Limited"})
    assert capitals.status_code == 422
    assert "Corvid Systems has the code CORVID already. Choose another code." in capitals.content.decode()
    given = {"code": "CORVID-2", "name": " corvid  systems"}
    same = petra.post("new-vendor/", given)
    assert same.status_code == 422
    page = same.content.decode()
    assert "There is Corvid Systems with the code CORVID already." in page and 'name="namesake"' in page
    with scope_of(cast.aldermoor):
        assert Vendor.objects.filter(code__startswith="CORVID").count() == 1
    assert petra.post("new-vendor/", {**given, "namesake": "on"}).status_code == 302
    with scope_of(cast.aldermoor):
        added = Vendor.objects.get(code="CORVID-2")
        # Its own capitals are nobody else's.
        edit_vendor(
            by=cast.petra, vendor=added, code="Corvid-2", name=added.name, identifiers={}, version=added.version
        )


def test_only_what_differs_is_written(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        kept = make.identifier(cast.corvid, "01234567")
        given = {"by": cast.petra, "vendor": cast.corvid, "code": "CORVID"}
        edit_vendor(name="Corvid Ltd", identifiers={**NUMBERS}, version=1, filed=Filed(1, " Service  desk "), **given)
        assert VendorIdentifier.objects.get(scheme="GB-COH").pk == kept.pk
        edit_vendor(name="Corvid Ltd", identifiers={"GB-COH": "", "VAT": "GB123456789"}, version=2, **given)
        assert list(VendorIdentifier.objects.values_list("scheme", flat=True)) == ["VAT"]
        with pytest.raises(Conflict, match="Somebody else changed Corvid Ltd"):
            edit_vendor(name="Late", identifiers={}, version=2, **given)
        stands = Vendor.objects.get(pk=cast.corvid.pk)
        assert (stands.name, stands.filed) == ("Corvid Ltd", Filed(1, "Service desk"))
        with pytest.raises(RuleBroken, match="no tier 4"):
            edit_vendor(name="X", identifiers={}, version=3, filed=Filed(4, ""), **given)


@pytest.mark.parametrize("who", ["marco", "olu", "vera"])
def test_nobody_else_edits_vendors(who: str, cast: Cast, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    with scope_of(member):
        with pytest.raises(NotAllowed):
            add_vendor(by=member, code="X", name="X")
        with pytest.raises(NotAllowed):
            edit_vendor(by=member, vendor=cast.corvid, code="X", name="X", identifiers={}, version=1)
    with scope_of(cast.aldermoor):
        assert sorted(Vendor.objects.values_list("code", flat=True)) == ["CORVID", "HALDEN"]


# Pages -------------------------------------------------------------------------------------------------------------


def test_the_list_and_the_vendor_lead_to_the_forms(cast: Cast, client_for: Callable) -> None:
    for who, may in ((cast.petra, True), (cast.ada, True), (cast.marco, False), (cast.olu, False)):
        client = client_for(who)
        assert ("/new-vendor/" in client.get("vendors/").content.decode()) is may
        assert ("/CORVID/edit/" in client.get("vendors/CORVID/").content.decode()) is may
    assert client_for(cast.vera).get("new-vendor/").status_code == 403


def test_a_vendor_is_added_on_the_page(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    petra = client_for(cast.petra)
    assert petra.get("new-vendor/").status_code == 200
    given = {"name": "Saltire Networks", "code": "SALTIRE", "id_gb_coh": "1234567"}
    done = petra.post("new-vendor/", given)
    assert (done.status_code, done["Location"]) == (302, "/o/aldermoor/vendors/SALTIRE/")
    assert "Saltire Networks" in petra.get("vendors/").content.decode()
    twice = petra.post("new-vendor/", {**given, "code": "SALTIRE-2"})
    assert twice.status_code == 422
    html = twice.content.decode()
    assert "01234567 is the number of Saltire Networks (SALTIRE)" in html
    assert 'value="SALTIRE-2"' in html  # what was typed is kept
    with scope_of(cast.aldermoor):
        assert Vendor.objects.count() == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Enter the name that is on the contract."),
        ({"code": ""}, "Enter a code."),
        ({"code": "two words"}, "Use letters, digits, dots"),
        ({"code": "../x"}, "Use letters, digits, dots"),
        ({"code": "HALDEN"}, "Halden BPO has the code HALDEN already"),
        ({"id_gb_coh": "12"}, "is not a company number"),
        ({"id_xi_lei": "5493001KJTIIGC8Y1R13"}, "check digits do not fit"),
    ],
)
def test_what_cannot_be_saved_stays_in_the_form(
    given: dict[str, str], said: str, cast: Cast, client_for: Callable, scope_of: Scopes
) -> None:
    form = {"name": "Corvid Systems", "code": "CORVID", "version": "1"} | given
    answer = client_for(cast.petra).post("vendors/CORVID/edit/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    with scope_of(cast.aldermoor):
        assert Vendor.objects.get(pk=cast.corvid.pk).version == 1


def test_two_people_at_one_vendor(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    petra, form = client_for(cast.petra), {"name": "Corvid Ltd", "code": "CORVID", "version": "1"}
    assert petra.post("vendors/CORVID/edit/", form).status_code == 302
    late = petra.post("vendors/CORVID/edit/", {**form, "name": "Corvid plc"})
    assert late.status_code == 409
    html = late.content.decode()
    assert "By now: Corvid Ltd, code CORVID." in html and 'value="Corvid plc"' in html
    assert late.context["version"] == 2  # saved again, it is knowingly
    with scope_of(cast.aldermoor):
        assert Vendor.objects.get(pk=cast.corvid.pk).name == "Corvid Ltd"


def test_a_number_that_somebody_enters_at_this_moment_is_theirs(cast: Cast, scope_of: Scopes) -> None:
    done: list[bool] = []

    def overtake(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "organisations_vendoridentifier"') and not done:
            done.append(True)
            make.identifier(cast.halden, "01234567")
        return execute(sql, *rest)

    given = {"vendor": cast.corvid, "code": "CORVID", "name": "Corvid", "identifiers": NUMBERS, "version": 1}
    with scope_of(cast.petra):
        with connection.execute_wrapper(overtake), pytest.raises(Conflict, match="at the same moment"):
            edit_vendor(by=cast.petra, **given)
        assert Vendor.objects.get(pk=cast.corvid.pk).name == "Corvid Systems"


def test_what_was_merged_is_changed_where_it_is_kept(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        Vendor.objects.filter(pk=cast.corvid.pk).update(merged_into_code="HALDEN")
        merged = Vendor.objects.get(pk=cast.corvid.pk)
        with pytest.raises(RuleBroken, match="merged into HALDEN"):
            edit_vendor(by=cast.petra, vendor=merged, code="X", name="X", identifiers={}, version=merged.version)
        assert Vendor.objects.get(pk=merged.pk).code == "CORVID"
