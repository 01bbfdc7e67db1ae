"""The cast and the factories stand up: every other test leans on them."""

from collections.abc import Callable

from contracts.models import Contract
from tests.cast import Cast
from tests.factories import everything


def test_members_know_their_organisation(cast: Cast) -> None:
    assert len(cast.everybody) == 9
    assert cast.vera.user_id == cast.vera_at_brightwater.user_id
    assert {member.organisation.slug for member in cast.everybody} == {"aldermoor", "brightwater"}


def test_a_vendor_sees_its_contract_only(cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.corvid)
        everything.for_vendor(cast.halden)
    with scope_of(cast.vera):
        assert [contract.vendor_id for contract in Contract.objects.all()] == [cast.corvid.pk]
    with scope_of(cast.marco):
        assert Contract.objects.count() == 2
    with scope_of(cast.otto):
        assert not Contract.objects.exists()
