"""Every list shows first what one is in charge of, and everything on request; the address says which."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import RevisionDraft
from contracts.models import Owner
from tests.factories import agreements, contracts, disputes, scorecards

LISTS = [
    "contracts/",
    "breaches/",
    "vendors/",
    "portfolio/",
    "submissions/",
    "disputes/",
    "revisions/",
    "review-packs/",
]


@pytest.fixture
def two(cast, judged, scope_of, in_june):
    """Two judged contracts of two vendors, with a breach, a request for relief and a revision each; nobody is in charge."""
    found = judged(cast.corvid, title="Ours to watch"), judged(cast.halden, title="Somebody else")
    with scope_of(cast.aldermoor):
        for one in found:
            one.breach()
            disputes.relief_request(one.level, one.level.contract.periods.first(), cast.vera)
            scorecards.review_pack(one.level.contract.periods.first(), cast.marco)
            revision = agreements.revision(one.contract, cast.petra)
            RevisionDraft.objects.filter(pk=revision.draft_id).update(title=f"Terms of {one.contract.vendor.name}")
    return [one.contract for one in found]


def shown(answer):
    """Which of the two vendors the list itself is about; the page around it may name others."""
    html = answer.content.decode()
    rows = html[html.index("<tbody") : html.rindex("</tbody>")] if "<tbody" in html else ""
    return {name for name in ("Corvid", "Halden") if name in rows}


@pytest.fixture
def mine(cast, two, scope_of):
    with scope_of(cast.aldermoor):
        return contracts.owner(two[0], cast.marco)


@pytest.mark.parametrize("path", LISTS)
def test_who_is_in_charge_of_nothing_sees_all(path, cast, two, client_for):
    marco = client_for(cast.marco)
    page = marco.get(path)
    assert shown(page) == {"Corvid", "Halden"}
    assert "Whose contracts" not in page.content.decode()
    assert shown(marco.get(f"{path}?owner=mine")) == set()


@pytest.mark.parametrize("path", LISTS)
def test_mine_comes_first_and_all_on_request(path, cast, mine, client_for):
    marco = client_for(cast.marco)
    page = marco.get(path)
    assert shown(page) == {"Corvid"}
    assert 'aria-label="Whose contracts"' in page.content.decode()
    assert shown(marco.get(f"{path}?owner=all")) == {"Corvid", "Halden"}
    assert shown(marco.get(f"{path}?owner=nonsense")) == {"Corvid"}
    # Whoever else reads the list is not bound by it.
    assert shown(client_for(cast.petra).get(path)) == {"Corvid", "Halden"}


@pytest.mark.parametrize("path", LISTS)
def test_the_choice_is_kept_by_the_other_links(path, cast, mine, client_for):
    html = client_for(cast.marco).get(f"{path}?owner=all").content.decode()
    chips = [part.split('"')[0] for part in html.split('href="?')[1:]]
    assert chips
    assert [one for one in chips if "owner=" not in one] == []


@pytest.mark.parametrize("path", LISTS)
def test_as_many_statements_whosever_it_is(path, cast, mine, scope_of, client_for):
    marco = client_for(cast.marco)

    def statements(address):
        with CaptureQueriesContext(connection) as asked:
            assert marco.get(address).status_code == 200
        return len(asked)

    one = statements(path)
    assert statements(f"{path}?owner=all") == one
    with scope_of(cast.aldermoor):
        for _ in range(2):
            contracts.owner(contracts.contract(cast.corvid), cast.marco)
        assert Owner.objects.count() == 3
    assert statements(path) == one


def test_the_breaches_of_one_contract_are_all_of_it(cast, mine, two, client_for):
    page = client_for(cast.marco).get(f"breaches/?contract={two[1].pk}")
    assert len(page.context["rows"]) == 1
    assert "Whose contracts" not in page.content.decode()


@pytest.mark.parametrize("path", ["disputes/", "revisions/"])
def test_the_requests_and_revisions_of_one_contract_are_all_of_it(path, cast, mine, two, client_for):
    page = client_for(cast.marco).get(f"{path}?contract={two[1].pk}")
    assert len(page.context["rows"]) == 1
    assert "Whose contracts" not in page.content.decode()
