"""Vendors: added and edited with their numbers in public registers; nothing is written where something is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions import add_vendor, edit_vendor
from organisations.models import Vendor, VendorIdentifier
from tests.cast import Cast

Scopes = Callable[..., Any]


def numbers(vendor: Vendor) -> dict[str, str]:
    return dict(VendorIdentifier.objects.filter(vendor=vendor).values_list("scheme", "value"))


def test_a_vendor_is_added_and_edited(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        made = add_vendor(
            by=cast.petra, code="LARK", name="Lark Print", identifiers={"GB-COH": "1234567", "GB-VAT": " "}
        )
        assert numbers(made) == {"GB-COH": "01234567"}
        row = VendorIdentifier.objects.get(vendor=made).pk
        given = {"by": cast.petra, "vendor": made, "code": "LARK-P", "name": "Lark Printing"}
        edit_vendor(**given, identifiers={"GB-COH": "01234567"}, version=1)
        assert (made.code, made.name, made.version) == ("LARK-P", "Lark Printing", 2)
        assert VendorIdentifier.objects.get(vendor=made).pk == row  # the same row: the trail shows changes only
        edit_vendor(**given, identifiers={"GB-COH": "7654321"}, version=2)
        assert numbers(made) == {"GB-COH": "07654321"}
        edit_vendor(**given, identifiers={}, version=3)
        assert numbers(made) == {}


def test_a_vendor_stays_as_it_is_where_something_is_refused(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        theirs = add_vendor(by=cast.petra, code="LARK", name="Lark Print", identifiers={"GB-COH": "01234567"})
        made = add_vendor(by=cast.petra, code="WREN", name="Wren Print")
        given = {"by": cast.petra, "vendor": made, "code": "WREN", "name": "Wren", "identifiers": {}, "version": 1}
        for changes, refusal, sentence in (
            ({"version": 2}, Conflict, "Somebody else changed Wren Print"),
            ({"code": theirs.code}, RuleBroken, "There is a vendor with the code LARK already"),
            ({"identifiers": {"GB-COH": "01234567"}}, RuleBroken, "is the number of Lark Print"),
            ({"identifiers": {"GB-COH": "x"}}, RuleBroken, "Write it like"),
            ({"identifiers": {"NO-SUCH": "1"}}, RuleBroken, "no such register"),
            ({"by": cast.marco}, NotAllowed, None),
        ):
            with pytest.raises(refusal, match=sentence):
                edit_vendor(**given | changes)
            kept = Vendor.objects.get(pk=made.pk)
            assert (kept.code, kept.name, kept.version, numbers(kept)) == ("WREN", "Wren Print", 1, {})


def test_a_merged_vendor_is_no_longer_edited(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        made = add_vendor(by=cast.petra, code="WREN", name="Wren Print")
        Vendor.objects.filter(pk=made.pk).update(merged_into_code="LARK")
        made.refresh_from_db()
        with pytest.raises(RuleBroken, match="was merged into LARK"):
            edit_vendor(by=cast.petra, vendor=made, code="WREN", name="Wren", identifiers={}, version=made.version)
        assert Vendor.objects.get(pk=made.pk).name == "Wren Print"
