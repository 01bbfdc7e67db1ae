"""A contract file comes in: imported before any figures are accepted, the draft of a revision after."""

from datetime import date

from agreements.actions import take_file
from agreements.models import Revision
from contracts import contract_file
from contracts.models import Contract
from slas.actions import export_contract
from slas.models import Terms
from tests.agreements.revised import file_with


def versions(contract):
    return [terms.valid.lower for terms in Terms.objects.filter(service_level__contract=contract).order_by("valid")]


def test_a_file_for_a_live_contract_is_the_draft_of_a_revision(cast, scope_of, live, acting):
    with scope_of(cast.petra):
        document = file_with(live)
        before = versions(live)
    made = acting(cast.petra, take_file, file=contract_file.read(document))
    with scope_of(cast.petra):
        assert isinstance(made, Revision) and made.draft.effective_on == date(2024, 7, 1)
        assert versions(live) == before


def test_a_file_that_says_nothing_new_or_comes_before_any_acceptance_is_imported(cast, scope_of, live, acting):
    with scope_of(cast.petra):
        other = file_with(live).replace("MSA-1", "MSA-2")
        same = contract_file.write(export_contract(by=None, contract=live))
        assert take_file(by=cast.petra, file=contract_file.read(same)) == live
        made = take_file(by=cast.petra, file=contract_file.read(other))
        assert isinstance(made, Contract) and made != live
        assert isinstance(
            take_file(by=cast.petra, file=contract_file.read(other.replace("Service desk", "Desk"))), Contract
        )
        assert Revision.objects.count() == 0
