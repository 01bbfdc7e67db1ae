"""The same change of many contracts: worked out one by one, approved by their sum, answered by each vendor for itself."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from agreements.actions import (
    approve,
    approve_bulk,
    begin_bulk,
    consent,
    decline,
    leave_out,
    put_in_force,
    save_draft,
    send_back,
    send_back_bulk,
    start_revision,
    submit_bulk,
    tell,
    withdraw,
    withdraw_bulk,
    work_out_again,
    work_out_due,
)
from agreements.models import BulkRevision, BulkRevisionContract, Revision, RevisionEdition
from agreements.proposals import as_stored
from agreements.rules import BulkPart, BulkStatus, Status
from contracts.models import Contract
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Event
from organisations.models import OrganisationSettings
from slas.actions import file_of
from tests.agreements.many import GIVEN, RAISE, STRICTER, report, worked_out, write
from tests.agreements.revised import JUNE, file_with

JULY = datetime(2024, 7, 1, 9, tzinfo=UTC)


@pytest.fixture
def contracts(cast, scope_of, clock):
    """Corvid's desk, Halden's centre, and one whose charges are listed by month."""
    clock(JUNE)
    with scope_of(cast.aldermoor):
        return [
            write("A-1", cast.corvid),
            write("B-1", cast.halden, charges={"monthly": "50000.00"}),
            write("C-1", cast.halden, metric="ITSM-05", charges={"months": {"2024-04": "100", "2024-05": "100"}}),
        ]


@pytest.fixture
def raised(cast, acting, contracts):
    return worked_out(acting, cast, contracts, **RAISE)


@pytest.fixture
def submitted(cast, acting, raised):
    acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    return raised


@pytest.fixture
def parts(scope_of, cast):
    """`parts(bulk)`: by the contract's reference."""

    def found(bulk):
        with scope_of(cast.petra):
            bulk.refresh_from_db()
            return {part.contract.reference: part for part in bulk.parts.select_related("contract", "revision")}

    return found


# Worked out ----------------------------------------------------------------------------------------------------------


def test_charges_rise_and_who_cannot_take_it_is_named(cast, raised, parts):
    found = parts(raised)
    assert raised.status == BulkStatus.WORKED_OUT
    assert [found[key].status for key in ("A-1", "B-1", "C-1")] == [BulkPart.READY, BulkPart.READY, BulkPart.UNFIT]
    assert found["A-1"].figures["charges"] == ["100000.00", "103400.00"]
    assert found["A-1"].money == Decimal("40800")  # twelve months of 3,400
    assert found["A-1"].figures["credit"] == {"was": "1000", "becomes": "1034"}
    assert (found["B-1"].money, len(found["B-1"].fingerprint)) == (Decimal("20400"), 64)
    assert found["C-1"].problem == "It has no charges a month, or lists them by month."


def test_an_index_is_applied_with_its_values(cast, acting, contracts, parts):
    index = {"index": "CPI, all items", "before": "120", "after": "123.9", "published": "2024-05-22"}
    bulk = worked_out(acting, cast, contracts[:1], **RAISE | {"change": index})
    assert parts(bulk)["A-1"].figures["charges"] == ["100000.00", "103250.00"]
    acting(cast.petra, submit_bulk, bulk_revision=bulk)
    with acting.scope_of(cast.petra):
        assert RevisionEdition.objects.get().reason == (
            "As clause 12 says.\nCharges a month go from £100,000.00 to £103,250.00 from 1 Jul 2024: "
            "CPI, all items, 120 to 123.9, published 22 May 2024."
        )


def test_a_new_due_day(cast, acting, contracts, parts):
    bulk = worked_out(acting, cast, contracts[:1], **GIVEN, kind="due_day", change={"days": 8})
    acting(cast.petra, submit_bulk, bulk_revision=bulk)
    with acting.scope_of(cast.petra):
        file = as_stored(RevisionEdition.objects.get().document)
        assert [(one.from_, one.days) for one in file.contract.report_due][1:] == [(date(2024, 7, 1), 8)]


def test_a_target_by_metric_changes_the_levels_that_measure_it(cast, acting, contracts, parts):
    bulk = worked_out(acting, cast, contracts, **STRICTER)
    found = parts(bulk)
    assert found["C-1"].problem == "No service level in force measures ITSM-04."
    acting(cast.petra, submit_bulk, bulk_revision=bulk, without=True)
    with acting.scope_of(cast.petra):
        file = as_stored(RevisionEdition.objects.get(revision__contract=contracts[0]).document)
        first, second = file.service_levels
        assert [str(band.at) for band in first.terms[-1].bands[:2]] == ["97", "90"]
        assert (first.terms[-1].from_, len(second.terms)) == (date(2024, 7, 1), 1)


def test_bands_below_move_with_the_target_where_that_is_meant(cast, acting, contracts):
    change = {"metric": "ITSM-04", "target": "97", "bands": "shift"}
    bulk = worked_out(acting, cast, contracts[:1], **STRICTER | {"change": change})
    acting(cast.petra, submit_bulk, bulk_revision=bulk)
    with acting.scope_of(cast.petra):
        bands = as_stored(RevisionEdition.objects.get().document).service_levels[0].terms[-1].bands
        assert [str(band.at) for band in bands[:2]] == ["97", "92"]


@pytest.mark.parametrize(
    ("target", "problem"),
    [("95", "It says this already."), ("89", "Its file would not be valid: service_levels[0].terms[1].bands")],
    ids=["as it is", "below the next band"],
)
def test_a_target_that_changes_nothing_or_fits_no_bands_is_left_out(cast, acting, contracts, parts, target, problem):
    change = {"metric": "ITSM-04", "target": target, "bands": "keep"}
    bulk = worked_out(acting, cast, contracts[:1], **STRICTER | {"change": change})
    assert parts(bulk)["A-1"].problem.startswith(problem)


def test_another_draft_of_the_same_part_is_in_the_way_and_one_of_another_is_not(cast, acting, contracts, parts):
    with acting.scope_of(cast.petra):
        document = file_with(contracts[0])
    acting(cast.petra, start_revision, contract=contracts[0], title="Higher target", document=document)
    stricter = parts(worked_out(acting, cast, contracts[:1], **STRICTER))["A-1"]
    assert stricter.problem == "Revision 1 by Petra Sandgren changes the same (draft). Finish or withdraw that first."
    assert parts(worked_out(acting, cast, contracts[:1], **RAISE))["A-1"].status == BulkPart.READY


def test_what_cannot_be_worked_out_is_named_and_keeps_no_other_from_it(cast, acting, scope_of, contracts, parts):
    with scope_of(cast.aldermoor):
        wider = contracts[0].document | {"colour": "red"}
        Contract.objects.filter(pk=contracts[0].pk).update(document=wider)
    found = parts(worked_out(acting, cast, contracts[:2], **RAISE))
    assert found["A-1"].problem.startswith("Its file would not be valid: colour: unknown key")
    assert found["B-1"].status == BulkPart.READY
    found = parts(worked_out(acting, cast, contracts[1:], **RAISE | {"change": {"percent": "much"}}))
    assert {found[key].problem for key in ("B-1", "C-1")} == {
        "It could not be worked out. Revise this contract by itself.",
        "It has no charges a month, or lists them by month.",
    }


def test_a_contract_that_ends_before_is_left_out(cast, acting, contracts, parts):
    bulk = worked_out(acting, cast, contracts[:1], **RAISE | {"day": date(2026, 4, 1)})
    assert parts(bulk)["A-1"].problem == "It ends on 31 Mar 2026, before the change would begin."


@pytest.mark.parametrize(
    ("given", "code"),
    [({"day": date(2024, 6, 10)}, "day"), ({"title": " "}, "title"), ({"reason": ""}, "reason"), ({"contracts": []}, "contracts")],
    ids=["day", "title", "reason", "contracts"],
)  # fmt: skip
def test_what_is_missing_is_said_at_once(cast, acting, contracts, given, code):
    with pytest.raises(RuleBroken) as refused:
        acting(cast.petra, begin_bulk, **{"contracts": [contracts[0].pk], **RAISE, **given})
    assert refused.value.code == code
    with acting.scope_of(cast.petra):
        assert not BulkRevision.objects.exists()


def test_it_is_worked_out_in_steps_that_people_see_and_can_stop(cast, acting, scope_of, contracts, monkeypatch, parts):
    monkeypatch.setattr("agreements.actions.bulk_impact.SHARE", 1)
    bulk = acting(cast.petra, begin_bulk, contracts=[one.pk for one in contracts], **RAISE)
    with scope_of(cast.aldermoor):
        assert work_out_due(now=JUNE) == 1
    assert [part.status for part in parts(bulk).values()].count(BulkPart.WAITING) == 2
    acting(cast.petra, withdraw_bulk, bulk_revision=bulk)
    with scope_of(cast.aldermoor):
        assert work_out_due(now=JUNE) == 0
    assert bulk.status == BulkStatus.WORKING_OUT and parts(bulk) and bulk.status == BulkStatus.WITHDRAWN


def test_whoever_began_it_is_told_when_it_is_worked_out(cast, scope_of, raised):
    with scope_of(cast.aldermoor):
        assert Event.objects.get(kind="revision").title == "A bulk revision is worked out"


def test_only_procurement_begins_one(cast, acting, contracts):
    for member in (cast.marco, cast.vera, cast.olu):
        with pytest.raises(NotAllowed):
            acting(member, begin_bulk, contracts=[contracts[0].pk], **RAISE)


# Submitted -----------------------------------------------------------------------------------------------------------


def test_what_cannot_take_the_change_is_left_out_on_purpose(cast, acting, raised):
    with pytest.raises(RuleBroken) as refused:
        acting(cast.petra, submit_bulk, bulk_revision=raised)
    assert refused.value.code == "without"
    with acting.scope_of(cast.petra):
        assert not Revision.objects.exists()


def test_each_contract_gets_a_revision_with_the_impact_that_was_seen(cast, acting, submitted, parts):
    for key, part in parts(submitted).items():
        if key == "C-1":
            assert part.revision is None
            continue
        with acting.scope_of(cast.petra):
            edition = part.revision.current_edition
        assert (part.revision.status, edition.fingerprint) == (Status.SUBMITTED, part.fingerprint)
        assert edition.title == "Charges up 3.4%" and "go from" in edition.reason


def test_what_is_left_out_by_choice_stays_out(cast, acting, raised, parts, contracts):
    before = raised.version
    acting(cast.petra, leave_out, bulk_revision=raised, contract=contracts[0].pk, out=True)
    with pytest.raises(Conflict):  # the sum is another than was seen
        acting(cast.petra, submit_bulk, bulk_revision=raised, without=True, seen=before)
    acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    assert parts(raised)["A-1"].revision is None and parts(raised)["B-1"].revision is not None


def test_the_chain_is_reckoned_on_the_sum(cast, acting, scope_of, raised, parts):
    """40,800 and 20,400 a year: neither reaches 60,000, both together do."""
    with scope_of(cast.aldermoor):
        OrganisationSettings.objects.create(approvals={"two_from": "60000"})
    acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    with scope_of(cast.petra):
        assert set(RevisionEdition.objects.values_list("needed", flat=True)) == {2}
    parts(raised)
    assert raised.needed == 2


@pytest.mark.parametrize("moved", ["figures", "contract"])
def test_what_has_changed_since_is_not_submitted(cast, acting, scope_of, raised, contracts, moved):
    with scope_of(cast.aldermoor):
        if moved == "figures":
            report(contracts[1], 80, "Counted twice")
        else:
            Contract.objects.filter(pk=contracts[1].pk).update(version=7)
    with pytest.raises(Conflict) as refused:
        acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    assert "B-1" in refused.value.sentence and "A-1" not in refused.value.sentence
    with scope_of(cast.petra):
        assert not Revision.objects.exists() and BulkRevision.objects.get().status == BulkStatus.WORKED_OUT


def test_a_month_that_was_judged_since_changes_nothing(cast, acting, scope_of, raised, contracts, parts):
    with scope_of(cast.aldermoor):
        report(contracts[0], 80, month=date(2024, 5, 1))
    acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    part = parts(raised)["A-1"]
    with scope_of(cast.petra):
        assert part.revision.current_edition.impact["until"] == part.figures["until"] == "2024-04-01"


# Decided -------------------------------------------------------------------------------------------------------------


def test_one_approval_sends_each_to_its_own_vendor(cast, acting, scope_of, submitted, parts):
    acting(cast.marco, approve_bulk, bulk_revision=submitted)
    found = parts(submitted)
    assert submitted.status == BulkStatus.APPROVED
    assert {found[key].revision.status for key in ("A-1", "B-1")} == {Status.WITH_VENDOR}
    for member, reference in ((cast.vera, "A-1"), (cast.hana, "B-1")):
        with scope_of(member):
            assert [one.contract.reference for one in Revision.objects.select_related("contract")] == [reference]


def test_nobody_approves_what_they_wrote(cast, acting, submitted, parts):
    with pytest.raises(NotAllowed) as refused:
        acting(cast.petra, approve_bulk, bulk_revision=submitted)
    assert refused.value.code == "own"
    assert {part.revision.status for part in parts(submitted).values() if part.revision} == {Status.SUBMITTED}


def test_two_approve_where_the_sum_needs_two(cast, acting, scope_of, raised, paul, parts):
    with scope_of(cast.aldermoor):
        OrganisationSettings.objects.create(approvals={"money": 2})
    acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    acting(cast.marco, approve_bulk, bulk_revision=raised)
    with pytest.raises(Conflict) as refused:
        acting(cast.marco, approve_bulk, bulk_revision=raised)
    assert refused.value.code == "approved"
    assert parts(raised) and raised.status == BulkStatus.SUBMITTED
    acting(paul, approve_bulk, bulk_revision=raised)
    assert parts(raised) and raised.status == BulkStatus.APPROVED


def test_none_is_approved_or_sent_back_by_itself(cast, acting, submitted, parts):
    revision = parts(submitted)["A-1"].revision
    for act, more in ((approve, {}), (send_back, {"reason": "No."})):
        with pytest.raises(Conflict) as refused:
            acting(cast.marco, act, revision=revision, edition=1, **more)
        assert refused.value.code == "together"


def test_figures_that_are_restated_meanwhile_refuse_the_whole(cast, acting, scope_of, submitted, contracts, parts):
    with scope_of(cast.aldermoor):
        report(contracts[1], 80, "Counted twice")
    with pytest.raises(Conflict) as refused:
        acting(cast.marco, approve_bulk, bulk_revision=submitted)
    assert refused.value.code == "data_changed" and "B-1: Figures have changed" in refused.value.sentence
    assert {part.revision.status for part in parts(submitted).values() if part.revision} == {Status.SUBMITTED}


def test_one_that_was_withdrawn_by_itself_is_not_approved_with_the_others(cast, acting, submitted, parts):
    acting(cast.petra, withdraw, revision=parts(submitted)["A-1"].revision, reason="Not this one.")
    acting(cast.marco, approve_bulk, bulk_revision=submitted)
    found = parts(submitted)
    assert (found["A-1"].revision.status, found["B-1"].revision.status) == (Status.WITHDRAWN, Status.WITH_VENDOR)


def test_sent_back_it_is_changed_and_worked_out_again(cast, acting, scope_of, submitted, parts):
    with pytest.raises(RuleBroken):
        acting(cast.marco, send_back_bulk, bulk_revision=submitted, reason=" ")
    acting(cast.marco, send_back_bulk, bulk_revision=submitted, reason="3 percent will do.")
    first = parts(submitted)["A-1"].revision
    assert (submitted.status, first.status) == (BulkStatus.SENT_BACK, Status.DRAFT)
    change = {"change": {"percent": "3"}, **GIVEN}
    acting(cast.petra, work_out_again, bulk_revision=submitted, **change)
    with scope_of(cast.aldermoor):
        while work_out_due(now=JUNE):
            pass
    acting(cast.petra, submit_bulk, bulk_revision=submitted, without=True)
    acting(cast.marco, approve_bulk, bulk_revision=submitted)
    found = parts(submitted)["A-1"]
    with scope_of(cast.petra):
        first.refresh_from_db()
        assert (first.status, found.revision.number, found.revision.status) == (Status.WITHDRAWN, 2, Status.WITH_VENDOR)
        assert found.figures["charges"][1] == "103000.00"


def test_a_draft_that_somebody_changed_by_itself_goes_its_own_way(cast, acting, submitted, parts):
    acting(cast.marco, send_back_bulk, bulk_revision=submitted, reason="3 percent will do.")
    own = parts(submitted)["A-1"].revision
    acting(cast.petra, save_draft, revision=own, version=1, title="Charges of this one")
    acting(cast.petra, withdraw_bulk, bulk_revision=submitted)
    with acting.scope_of(cast.petra):
        own.refresh_from_db()
    assert own.status == Status.DRAFT
    assert parts(submitted)["B-1"].revision.status == Status.WITHDRAWN


def test_partly_in_force(cast, acting, scope_of, submitted, contracts, parts):
    """Corvid consents, Halden declines: each contract goes its own way."""
    acting(cast.marco, approve_bulk, bulk_revision=submitted)
    found = parts(submitted)
    acting(cast.vera, consent, revision=found["A-1"].revision, edition=1)
    acting(cast.hana, decline, revision=found["B-1"].revision, edition=1, reason="Too much.")
    with scope_of(cast.aldermoor):
        put_in_force(now=JULY)
        files = [file_of(Contract.objects.get(pk=one.pk)) for one in contracts[:2]]
    charges = [str(file.in_force("charges", date(2024, 7, 1)).monthly) for file in files]
    assert charges == ["103400.00", "50000.00"]
    assert [parts(submitted)[key].revision.status for key in ("A-1", "B-1")] == [Status.IN_FORCE, Status.DECLINED]


def test_its_day_comes_before_it_is_approved(cast, acting, scope_of, submitted, clock, parts):
    with scope_of(cast.aldermoor):
        assert put_in_force(now=JULY) == 2
    with pytest.raises(Conflict):
        acting(cast.marco, approve_bulk, bulk_revision=submitted)
    acting(
        cast.petra,
        work_out_again,
        bulk_revision=submitted,
        change={"percent": "3.4"},
        **GIVEN | {"day": date(2024, 8, 1)},
    )
    with scope_of(cast.petra):
        assert set(Revision.objects.values_list("status", flat=True)) == {Status.WITHDRAWN}


def test_approvers_are_told_once_for_all(cast, scope_of, submitted):
    with scope_of(cast.aldermoor):
        tell(now=JUNE)
        told = list(Event.objects.filter(kind="revision").values_list("title", flat=True))
    assert sorted(told) == ["A bulk revision is worked out", "Bulk revision to approve"]


def test_no_vendor_reads_any_of_it(cast, scope_of, submitted):
    for model in (BulkRevision, BulkRevisionContract):
        with scope_of(cast.vera), pytest.raises(ProgrammingError), transaction.atomic():
            model.objects.count()
