"""A contract of Corvid's that is live, and a revision of it at each stage. It is the 10th of June 2024."""

from datetime import date

import pytest

from agreements.actions import approve, save_draft, start_revision, submit
from organisations.rules import Role
from slas.actions import import_contract
from tests.agreements.revised import JUNE, WHY, Acting, file_with
from tests.factories import measurements, organisations
from tests.slas import contract_texts as texts


@pytest.fixture
def acting(scope_of):
    return Acting(scope_of)


@pytest.fixture
def live(cast, scope_of, clock):
    """The contract, with April's figures accepted."""
    clock(JUNE)
    with scope_of(cast.aldermoor):
        document = texts.document()
        document["contract"]["vendor"] = {"code": cast.corvid.code, "name": cast.corvid.name}
        contract = import_contract(by=None, source=texts.text(document))
        measurements.accepted(contract, date(2024, 4, 1), cast.marco)
    return contract


@pytest.fixture
def draft(cast, scope_of, live, acting):
    """Petra's draft: a target of 97 from July on."""
    with scope_of(cast.petra):
        document = file_with(live)
    made = acting(cast.petra, start_revision, contract=live, title="Higher target", document=document)
    acting(cast.petra, save_draft, revision=made, version=1, reason=WHY)
    return made


@pytest.fixture
def submitted(cast, acting, draft):
    acting(cast.petra, submit, revision=draft, version=2)
    return draft


@pytest.fixture
def sent(cast, acting, submitted):
    acting(cast.marco, approve, revision=submitted, edition=1)
    return submitted


@pytest.fixture
def paul(cast, scope_of):
    """A colleague of Petra's."""
    user = organisations.user("Paul Reyes")
    with scope_of(cast.aldermoor):
        member = organisations.member(user, Role.PROCUREMENT)
    member.organisation = cast.aldermoor
    return member
