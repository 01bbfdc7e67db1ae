"""A contract that is not there yet: drafted by form alone, seen by nobody of the vendor's, agreed like a change or put in force at once."""

from datetime import date

import pytest

from agreements.actions import (
    approve,
    begin_contract,
    bring_into_force,
    consent,
    put_in_force,
    start_revision,
    submit,
    withdraw,
)
from agreements.drafting.starts import (
    first_version,
    from_contract,
    from_metrics,
    from_template,
    starting_points,
)
from agreements.models import Revision
from agreements.proposals import as_stored
from agreements.rules import Status
from contracts import contract_file
from contracts.contract_file.lint import lint
from contracts.models import Contract, Owner, Reevaluation
from contracts.rules import FileRefused
from lib.errors import Conflict, RuleBroken
from slas.actions import file_of, import_contract
from slas.metric_catalogue import metrics
from slas.models import ServiceLevel
from tests.agreements.many import RAISE, worked_out
from tests.agreements.revised import JUNE
from tests.agreements.test_parts_editor import newest
from tests.agreements.test_parts_editor import typed as fields

DAY = date(2024, 7, 1)
PARTIES = {
    "reference": "SD-2027-002",
    "title": "Service desk, northern sites",
    "vendor": {"code": "CORVID", "name": "Corvid Systems"},
    "starts_on": "2024-07-01",
    "ends_on": "2026-06-30",
    "currency": "GBP",
    "timezone": "Europe/London",
    "calendar": {"holidays": "GB-ENG"},
    "report_due": "10",
    "charges": {"monthly": "48000"},
}


def text(parts, **more):
    return contract_file.write(first_version(PARTIES | more, parts))


@pytest.mark.parametrize("key", list(starting_points()))
def test_what_a_template_makes_is_a_contract_without_a_finding(key):
    point = starting_points()[key]
    file = contract_file.read(text(from_template(point, DAY)))
    assert file.service_levels and file.kras and not lint(file)
    assert {terms.from_ for level in file.service_levels for terms in level.terms} == {DAY}


def test_every_metric_of_the_catalogue_makes_a_service_level():
    file = contract_file.read(text(from_metrics(list(metrics().values()), DAY)))
    assert [level.metric for level in file.service_levels] == list(metrics())


def test_another_contract_gives_what_is_in_force_without_its_past(live, scope_of, cast):
    with scope_of(cast.petra):
        parts = from_contract(file_of(live), JUNE.date(), DAY)
        there = file_of(live)
    file = contract_file.read(text(parts))
    assert [level.code for level in file.service_levels] == [one.code for one in there.service_levels]
    assert all(len(level.terms) == 1 and level.terms[0].from_ == DAY for level in file.service_levels)
    assert file.service_levels[0].terms[0].bands == there.service_levels[0].terms[-1].bands


@pytest.fixture
def corvid_parts(cast):
    vendor = {"code": cast.corvid.code, "name": cast.corvid.name}
    return {"vendor": vendor}


@pytest.fixture
def first(cast, clock, acting, corvid_parts):
    clock(JUNE)
    document = text(from_template(starting_points()["uk_services"], DAY), **corvid_parts)
    return acting(cast.petra, begin_contract, document=document)


def test_a_draft_is_a_contract_of_which_nothing_is_due_and_that_the_vendor_does_not_see(cast, scope_of, first):
    with scope_of(cast.petra):
        contract = Contract.objects.get(reference="SD-2027-002")
        assert (contract.agreed, contract.shared, str(contract.starts_on)) == (False, False, "2024-07-01")
        assert not contract.periods.exists() and not ServiceLevel.objects.filter(contract=contract).exists()
        assert not Reevaluation.objects.filter(contract=contract).exists()
        assert first.draft.effective_on is None
    with scope_of(cast.vera):
        assert not Contract.objects.filter(reference="SD-2027-002").exists()
        assert not Revision.objects.exists()


def test_it_is_agreed_like_a_change_and_then_judged_from_its_first_day(cast, scope_of, acting, first):
    acting(cast.petra, submit, revision=first, version=1)
    acting(cast.marco, approve, revision=first, edition=1)
    with scope_of(cast.vera):
        assert Contract.objects.filter(reference="SD-2027-002", agreed=False).exists()
    acting(cast.vera, consent, revision=first, edition=1)
    with scope_of(cast.petra):
        assert put_in_force(now=JUNE) == 1
        contract = Contract.objects.get(reference="SD-2027-002")
        assert (contract.agreed, contract.shared, contract.version) == (True, True, 2)
        assert contract.service_levels.count() == 4 and contract.periods.filter(slots__gt=0).exists()
        assert file_of(contract).document() == as_stored(first.draft.document).document()
        assert Reevaluation.objects.filter(contract=contract, from_on=DAY).exists()
        assert Revision.objects.get(pk=first.pk).status == Status.IN_FORCE
        assert put_in_force(now=JUNE) == 0


def test_it_is_put_in_force_at_once_where_nothing_was_accepted(cast, scope_of, acting, first, draft):
    acting(cast.petra, bring_into_force, revision=first, version=1)
    with scope_of(cast.petra):
        assert Contract.objects.get(reference="SD-2027-002").service_levels.count() == 4
        steps = [step.kind for step in first.steps.all()]
        assert steps == ["started", "in_force"]
    with pytest.raises(RuleBroken, match="by agreement alone"):
        acting(cast.petra, bring_into_force, revision=draft, version=2)
    with scope_of(cast.petra):
        draft.refresh_from_db()
        assert draft.status == Status.DRAFT


def test_at_once_something_is_changed_of_the_contract_as_it_is(cast, scope_of, acting, first):
    """Agreed, and no figures accepted: a draft of it that says the same, and one of what it was before."""
    acting(cast.petra, bring_into_force, revision=first, version=1)
    with scope_of(cast.petra):
        contract = Contract.objects.get(reference="SD-2027-002")
    same = acting(cast.petra, start_revision, contract=contract, title="The same")
    with pytest.raises(RuleBroken, match="changes nothing"):
        acting(cast.petra, bring_into_force, revision=same, version=1)
    with scope_of(cast.petra):
        other = file_of(contract).document()
        other["contract"]["title"] = "Service desk, all sites"
        import_contract(by=None, source=contract_file.write(other))
    with pytest.raises(Conflict, match="has changed since this draft"):
        acting(cast.petra, bring_into_force, revision=same, version=1)
    with scope_of(cast.petra):
        same.refresh_from_db()
        contract.refresh_from_db()
        assert (same.status, contract.title) == (Status.DRAFT, "Service desk, all sites")


def test_a_reference_is_taken_by_a_contract_or_a_draft_until_that_is_withdrawn(
    cast, scope_of, acting, first, live, corvid_parts
):
    document = text({}, **corvid_parts)
    with pytest.raises(RuleBroken, match="being drafted already"):
        acting(cast.petra, begin_contract, document=document)
    with scope_of(cast.petra):
        taken = text({}, **corvid_parts, reference=live.reference)
    with pytest.raises(RuleBroken, match="is a contract already"):
        acting(cast.petra, begin_contract, document=taken)
    with scope_of(cast.petra), pytest.raises(FileRefused, match="is being agreed"):
        import_contract(by=cast.petra, source=document)
    acting(cast.petra, withdraw, revision=first, reason="Another template.")
    again = acting(cast.petra, begin_contract, document=document)
    with scope_of(cast.petra):
        assert again.number == 2 and again.contract_id == first.contract_id


def test_what_stands_in_the_way_of_a_first_version(cast, scope_of, acting, first, corvid_parts):
    def refused(error, said, action, **given):
        with pytest.raises(error, match=said):
            acting(cast.petra, action, **given)

    with scope_of(cast.petra):
        contract = first.contract
    refused(FileRefused, "YAML", begin_contract, document="contract: [")
    refused(Conflict, "not agreed yet", start_revision, contract=contract, title="Another", document=None)
    refused(Conflict, "saved another draft", bring_into_force, revision=first, version=7)
    bulk = worked_out(acting, cast, [contract], **RAISE)
    with scope_of(cast.petra):
        assert "not agreed yet" in bulk.parts.get().problem
    acting(cast.petra, withdraw, revision=first, reason="Another template.")
    refused(Conflict, "no draft any more", bring_into_force, revision=first, version=1)
    theirs = {"vendor": {"code": cast.halden.code, "name": cast.halden.name}}
    refused(RuleBroken, "was drafted for Corvid Systems", begin_contract, document=text({}, **theirs))
    with scope_of(cast.petra):
        assert Revision.objects.get(contract=contract).status == Status.WITHDRAWN


# In the browser ----------------------------------------------------------------------------------------------------


TYPED = {
    "begin": "template",
    "template": "uk_services",
    "reference": "SD-2027-002",
    "title": "Service desk, northern sites",
    "starts_on": "2024-07-01",
    "ends_on": "2026-06-30",
    "currency": "GBP",
    "timezone": "Europe/London",
    "monthly": "48000",
    "holidays": "GB-ENG",
    "weekdays": ["mon", "tue", "wed", "thu", "fri"],
    "hours": "08:00-18:00",
    "report_due": "8",
}


def address(cast):
    return f"/o/{cast.aldermoor.slug}/contracts/new/"


@pytest.fixture
def typed(cast, clock, live):
    clock(JUNE)
    return {**TYPED, "vendor": cast.corvid.code, "manager": str(cast.marco.pk)}


def test_a_contract_by_form_alone(client_for, cast, scope_of, typed):
    client = client_for(cast.petra)
    page = client.get(address(cast))
    assert page.status_code == 200 and "points and service credits" in page.content.decode()
    answer = client.post(address(cast), typed)
    assert answer.status_code == 302, answer.content.decode()
    with scope_of(cast.petra):
        made = Revision.objects.select_related("draft", "contract").get(contract__reference="SD-2027-002")
        assert Owner.objects.get(contract=made.contract).member_id == cast.marco.pk
        file = contract_file.read(made.draft.document)
    assert answer["location"] == f"/o/{cast.aldermoor.slug}/revisions/{made.pk}/terms/"
    assert file.contract.vendor.code == cast.corvid.code and len(file.service_levels) == 4
    assert file.document()["contract"]["calendar"] == {"holidays": "GB-ENG", "hours": "08:00-18:00"}
    for name in ("terms/", "alignment/", "terms/SL-01/", "", "impact/", "reason/", "redline/", "new-level/"):
        shown = client.get(f"/o/{cast.aldermoor.slug}/revisions/{made.pk}/{name}")
        assert shown.status_code == 200, name
    listed = client.get(f"/o/{cast.aldermoor.slug}/contracts/?show=drafted").content.decode()
    assert "Service desk, northern sites" in listed and "Not agreed yet" in listed
    assert "Service desk, northern sites" in client.get(address(cast)).content.decode()
    contract = client.get(f"/o/{cast.aldermoor.slug}/contracts/{made.contract_id}/").content.decode()
    assert "not agreed yet" in contract


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ends_on", "2024-06-30", "Enter a day after 1 Jul 2024"),
        ("title", "", "Say in a few words"),
        ("hours", "8 to 6", "is not a span of hours"),
        ("monthly", "48,000", "Write a number"),
        ("vendor", "", "Choose the vendor"),
        ("begin", "contract", "Choose the contract to copy"),
        ("begin", "catalogue", "Choose at least one metric"),
        ("begin", "file", "Choose the file"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_drafted(
    client_for, cast, scope_of, typed, field, value, said
):
    answer = client_for(cast.petra).post(address(cast), typed | {field: value})
    html = answer.content.decode()
    assert answer.status_code == 422 and said in html
    assert 'value="SD-2027-002"' in html
    with scope_of(cast.petra):
        assert not Contract.objects.filter(agreed=False).exists()


def test_each_way_to_begin_makes_a_draft(client_for, cast, scope_of, typed, live):
    client, found = client_for(cast.petra), []
    for way, more in (
        ("contract", {"contract": str(live.pk)}),
        ("catalogue", {"metrics": ["ITSM-01"] if "ITSM-01" in metrics() else list(metrics())[:2]}),
        ("empty", {"vendor": "", "vendor_name": "Mirado Cloud", "vendor_code": "MIRADO"}),
    ):
        answer = client.post(address(cast), typed | {"begin": way, "reference": f"N-{way}"} | more)
        assert answer.status_code == 302, answer.content.decode()
        found.append(f"N-{way}")
    with scope_of(cast.petra):
        assert Contract.objects.filter(reference__in=found, agreed=False).count() == 3
        assert Contract.objects.get(reference="N-empty").vendor.name == "Mirado Cloud"


def test_the_draft_is_put_in_force_from_its_last_page(client_for, cast, scope_of, first, draft):
    client, root = client_for(cast.petra), f"/o/{cast.aldermoor.slug}/revisions"
    assert "at once" in client.get(f"{root}/{first.pk}/reason/").content.decode()
    assert "at once" not in client.get(f"{root}/{draft.pk}/reason/").content.decode()
    given = {"version": "1", "title": "New contract", "reason": "Signed on paper.", "force": "1"}
    answer = client.post(f"{root}/{first.pk}/reason/", given)
    assert answer.status_code == 302 and "/contracts/" in answer["location"]
    with scope_of(cast.petra):
        assert Contract.objects.get(pk=first.contract_id).agreed
    refused = client.post(f"{root}/{draft.pk}/reason/", given | {"version": "2"})
    assert refused.status_code == 422 and "by agreement alone" in refused.content.decode()


def test_only_procurement_begins_a_contract(client_for, cast, typed):
    for member in (cast.marco, cast.vera):
        assert client_for(member).get(address(cast)).status_code == 403


def test_parts_and_weights_of_a_first_version_hold_from_the_first_day(client_for, cast, scope_of, first):
    """Round trip: the pages of the editor say no day, and nothing becomes a list of versions."""
    client, root = client_for(cast.petra), f"/o/{cast.aldermoor.slug}/revisions/{first.pk}"
    before = as_stored(first.draft.document).document()
    data = fields(newest(before)) | {"version": "1", "monthly": "50000"}
    data.pop("from_")
    assert client.post(f"{root}/terms/", data).status_code == 302
    with scope_of(cast.petra):
        draft = Revision.objects.select_related("draft", "contract").get(pk=first.pk)
        after = as_stored(draft.draft.document).document()
        assert draft.contract.in_force(DAY).charges == {"monthly": "50000", "from": "2024-07-01"}
    assert after["contract"].pop("charges") == {"monthly": "50000"} and before["contract"].pop("charges")
    assert after == before
