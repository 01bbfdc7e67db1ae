"""A vendor that was entered twice is merged into the one that is kept: seen first, all or nothing, on record."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.models import Entry
from contracts.actions import MergeRefused, merge_vendors
from contracts.models import Contract, Owner, Period
from lib.errors import Conflict, NotAllowed
from organisations import row_security
from organisations.actions import edit_vendor
from organisations.models import ApiKey, Invitation, Membership, Vendor
from organisations.scope import open_scope
from organisations.tenancy import TenantModel
from slas.actions import import_contract
from slas.models import Terms
from tests.cast import Cast
from tests.factories import breaches, contracts, evaluation, everything, kras, measurements, scorecards, slas
from tests.factories import organisations as make
from tests.slas.contract_texts import document, text

Scopes = Callable[..., Any]
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def twice(cast: Cast, scope_of: Scopes) -> Vendor:
    """Corvid again, with a contract that has all that a contract has before anything was reported, and somebody of its own."""
    person = make.user("Dora Double")
    with scope_of(cast.aldermoor):
        vendor = make.vendor("Corvid Systems Ltd", code="CORVID-2")
        dora = make.member(person, "vendor_manager", vendor)
        make.api_key(dora, name="Her key")
        make.invitation("nora@example.test", vendor)
        make.identifier(vendor, "GB123456789", scheme="VAT")
        desk = contracts.contract(vendor, reference="MSA-TWICE", document={"vendor": {"code": "CORVID-2", "name": "x"}})
        period = contracts.periods(desk, count=1)[0]
        contracts.reevaluation(desk)
        contracts.owner(desk, dora)
        level = slas.service_level(desk, kra=kras.kra(desk))
        terms = slas.terms(level)
        evaluation.result(terms, period, outcome="not_measured", value=None, band=None, band_outcome=None, streak=1)
        evaluation.month(period)
        breaches.breach(level, period)
        scorecards.scorecard(period)
        return vendor


def merge(cast: Cast, duplicate: Vendor, kept: Vendor, by: Membership | None = None, **more: Any) -> Any:
    given = {"version": 1, "kept_version": 1, "now": NOW} | more
    return merge_vendors(by=by or cast.petra, duplicate=duplicate, kept=kept, **given)


def belongs(vendor: Vendor) -> set[str]:
    """The tables in which the vendor has rows."""
    models = [model for model in row_security.tables() if issubclass(model, TenantModel)]
    return {
        m._meta.label
        for m in models
        if any(f.column == "vendor_id" for f in m._meta.local_concrete_fields)
        if m.objects.filter(vendor=vendor).exists()
    }


def test_everything_moves_and_the_duplicate_stays_on_record(cast: Cast, twice: Vendor, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        before = belongs(twice)
        assert {"contracts.Contract", "slas.Terms", "evaluation.Result", "organisations.ApiKey"} <= before
        merge(cast, twice, cast.corvid)
        assert belongs(twice) == set()
        assert before <= belongs(cast.corvid)
        twice.refresh_from_db()
        assert twice.merged_into_code == "CORVID"
        assert list(Vendor.objects.current().values_list("code", flat=True)) == ["CORVID", "HALDEN"]
        assert Contract.objects.get(reference="MSA-TWICE").document["vendor"]["code"] == "CORVID"
        said = Entry.objects.filter(table_name="organisations_vendor", row_id=twice.pk).order_by("-pk").first()
        assert said is not None
        assert "merged_into_code" in str(said.difference)
    # The people see one another's contracts, and nothing of another vendor's.
    for member in (cast.vera, Membership(organisation_id=cast.aldermoor.pk, vendor_id=cast.corvid.pk)):
        with open_scope(organisation_id=cast.aldermoor.pk, vendor_id=member.vendor_id):
            assert Contract.objects.filter(reference="MSA-TWICE").exists()
            assert Period.objects.exists()
            assert Terms.objects.exists()
            assert Owner.objects.get().name == "Dora Double"
    with scope_of(cast.hana):
        assert not Contract.objects.exists()


def test_a_file_with_the_old_code_leads_to_the_vendor_that_was_kept(
    cast: Cast, twice: Vendor, scope_of: Scopes
) -> None:
    with scope_of(cast.petra):
        merge(cast, twice, cast.corvid)
        edit_vendor(by=cast.petra, vendor=cast.corvid, code="CRV", name="Corvid", identifiers={}, version=2)
        twice.refresh_from_db()
        assert twice.merged_into_code == "CRV"
        given = document()
        given["contract"] |= {"reference": "MSA-NEW", "vendor": {"code": "CORVID-2", "name": "Corvid"}}
        assert import_contract(by=None, source=text(given)).vendor_id == cast.corvid.pk


@pytest.mark.parametrize("record", ["step", "ledger", "batch", "past"])
def test_records_are_not_rewritten(record: str, cast: Cast, twice: Vendor, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        period = Period.objects.get(vendor=twice)
        dora = Membership.objects.get(name="Dora Double")
        if record == "step":
            measurements.step(measurements.submission(period.contract, period.month, by=dora), by=dora)
        elif record == "ledger":
            breaches.ledger_entry(period)
        elif record == "batch":
            measurements.import_batch(period.contract, by=dora)
        else:
            evaluation.past_result(Terms.objects.get(vendor=twice), period)
    with scope_of(cast.petra):
        before = belongs(twice)
        with pytest.raises(MergeRefused, match="are not rewritten"):
            merge(cast, twice, cast.corvid)
        assert belongs(twice) == before
        # The other way round nothing stands against it.
        merge(cast, cast.corvid, twice)
        assert Membership.objects.get(pk=cast.vera.pk).vendor_id == twice.pk


def test_numbers_that_contradict_each_other_are_two_companies(cast: Cast, twice: Vendor, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        make.identifier(cast.corvid, "GB999999999", scheme="VAT")
        with pytest.raises(MergeRefused, match="these are two companies"):
            merge(cast, twice, cast.corvid)
        kept = Vendor.objects.get(pk=twice.pk)
        assert (kept.version, kept.merged_into_code) == (1, "")


def test_what_was_seen_must_still_be_so(cast: Cast, twice: Vendor, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        for more in ({"version": 2}, {"kept_version": 2}):
            with pytest.raises(Conflict):
                merge(cast, twice, cast.corvid, **more)
        with pytest.raises(MergeRefused, match="two different"):
            merge(cast, twice, twice)
        merge(cast, twice, cast.corvid)
        with pytest.raises(MergeRefused, match="merged into CORVID already"):
            merge(cast, twice, cast.halden, version=2)
        with pytest.raises(MergeRefused, match="merged into CORVID already"):
            merge(cast, cast.halden, twice, kept_version=2)


@pytest.mark.parametrize("who", ["marco", "olu", "vera"])
def test_nobody_else_merges(who: str, cast: Cast, twice: Vendor, client_for: Callable, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    assert client_for(member).get("vendors/CORVID-2/merge/").status_code == 403
    with scope_of(member), pytest.raises(NotAllowed):
        merge(cast, twice, cast.corvid, by=member)


def test_an_open_invitation_of_both_is_one(cast: Cast, twice: Vendor, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        make.invitation("nora@example.test", cast.corvid)
    with scope_of(cast.petra):
        merge(cast, twice, cast.corvid)
        found = Invitation.objects.filter(email="nora@example.test", vendor=cast.corvid)
        assert sorted(found.values_list("status", flat=True)) == ["open", "revoked"]
        assert ApiKey.objects.get(name="Her key").vendor_id == cast.corvid.pk


def test_on_the_page_both_are_seen_before_anything_moves(
    cast: Cast, twice: Vendor, client_for: Callable, scope_of: Scopes
) -> None:
    petra, path = client_for(cast.petra), "vendors/CORVID-2/merge/"
    assert "/CORVID-2/merge/" in petra.get("vendors/CORVID-2/").content.decode()
    first = petra.get(path)
    assert [one.code for one in first.context["others"]] == ["CORVID", "HALDEN"]
    html = petra.get(f"{path}?into=CORVID").content.decode()
    for words in ("MSA-TWICE", "Dora Double", "nora@example.test", "Her key", "VAT GB123456789"):
        assert words in html
    assert "Merge Corvid Systems Ltd (CORVID-2) into Corvid Systems (CORVID)" in " ".join(html.split())
    given = {"into": "CORVID", "version": 1, "kept_version": 1}
    unsure = petra.post(path, given)
    assert unsure.status_code == 422
    assert "Tick this if you are sure." in unsure.content.decode()
    assert petra.post(path, {**given, "sure": "on", "version": 9}).status_code == 409
    with scope_of(cast.aldermoor):
        assert Contract.objects.get().vendor_id == twice.pk
    done = petra.post(path, {**given, "sure": "on"})
    assert (done.status_code, done["Location"]) == (302, "/o/aldermoor/vendors/CORVID/")
    assert "/CORVID-2/" not in petra.get("vendors/").content.decode()
    assert "entered twice" in petra.get("vendors/CORVID-2/").content.decode()
    assert petra.get(f"{path}?into=V-0042").status_code == 404  # another organisation's


def test_the_page_says_why_two_cannot_be_merged(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.halden)
    page = client_for(cast.petra).get("vendors/HALDEN/merge/?into=CORVID")
    assert "are not rewritten" in page.content.decode()
    assert '<button class="btn btn--danger"' not in page.content.decode()
    given = {"into": "CORVID", "version": 1, "kept_version": 1, "sure": "on"}
    assert client_for(cast.petra).post("vendors/HALDEN/merge/", given).status_code == 422
