"""What actions refuse that no page offers: beyond a limit, after somebody else acted, or on another day."""

from datetime import UTC, date, datetime

import pytest

from agreements.actions import (
    approve_bulk,
    attach_documents,
    begin_bulk,
    counter_propose,
    leave_out,
    save_draft,
    send_back_bulk,
    set_new_day,
    start_revision,
    submit,
    submit_bulk,
    take_file,
    withdraw_bulk,
    work_out_due,
)
from agreements.models import Revision, RevisionFile
from agreements.rules import BulkPart, BulkStatus, Status
from contracts import contract_file
from files.kinds import MAX_FILES
from lib.errors import Conflict, RuleBroken
from tests.agreements.many import RAISE, worked_out, write
from tests.agreements.revised import JUNE, file_with
from tests.agreements.test_documents import upload

JULY = datetime(2024, 7, 2, 9, tzinfo=UTC)


@pytest.fixture
def contracts(cast, scope_of, clock):
    clock(JUNE)
    with scope_of(cast.aldermoor):
        return [write("A-1", cast.corvid), write("B-1", cast.halden)]


@pytest.fixture
def raised(cast, acting, contracts):
    return worked_out(acting, cast, contracts, **RAISE)


def refused(error, code, acting, member, action, **given):
    with pytest.raises(error) as why:
        acting(member, action, **given)
    assert why.value.code == code


def test_so_many_contracts_and_no_more_are_changed_together(cast, acting, contracts, monkeypatch):
    monkeypatch.setattr("agreements.actions.bulk.MOST_CONTRACTS", 1)
    refused(RuleBroken, "contracts", acting, cast.petra, begin_bulk, contracts=[one.pk for one in contracts], **RAISE)


def test_a_contract_is_left_out_once_and_before_it_is_submitted(cast, acting, contracts, raised):
    first, second = ({"bulk_revision": raised, "contract": one.pk, "out": True} for one in contracts)
    acting(cast.petra, leave_out, **first)
    refused(Conflict, "status", acting, cast.petra, leave_out, **first)
    acting(cast.petra, leave_out, **second)
    refused(RuleBroken, "contracts", acting, cast.petra, submit_bulk, bulk_revision=raised)
    acting(cast.petra, leave_out, **second | {"out": False})
    acting(cast.petra, submit_bulk, bulk_revision=raised)
    refused(Conflict, "status", acting, cast.petra, leave_out, **second)
    refused(Conflict, "status", acting, cast.petra, submit_bulk, bulk_revision=raised)


def test_nothing_is_approved_that_was_not_submitted(cast, acting, raised):
    refused(Conflict, "status", acting, cast.marco, approve_bulk, bulk_revision=raised)


def test_what_was_submitted_again_by_itself_is_not_withdrawn_with_the_others(cast, acting, scope_of, raised):
    acting(cast.petra, submit_bulk, bulk_revision=raised)
    acting(cast.marco, send_back_bulk, bulk_revision=raised, reason="3 percent will do.")
    with scope_of(cast.petra):
        own = Revision.objects.get(contract__reference="A-1")
    acting(cast.petra, submit, revision=own, version=1)
    acting(cast.petra, withdraw_bulk, bulk_revision=raised)
    with scope_of(cast.petra):
        found = dict(Revision.objects.values_list("contract__reference", "status"))
    assert found == {"A-1": Status.SUBMITTED, "B-1": Status.WITHDRAWN}


def test_a_day_that_came_meanwhile_is_said_of_each_contract(cast, acting, scope_of, raised, clock):
    clock(JULY)
    with pytest.raises(Conflict) as why:
        acting(cast.petra, submit_bulk, bulk_revision=raised)
    assert "A-1: 1 Jul 2024 has come" in why.value.sentence
    with scope_of(cast.petra):
        raised.refresh_from_db()
        assert raised.status == BulkStatus.WORKED_OUT and not Revision.objects.exists()


def test_a_day_that_comes_before_it_is_worked_out_fits_nobody(cast, acting, scope_of, contracts):
    bulk = acting(cast.petra, begin_bulk, contracts=[one.pk for one in contracts], **RAISE)
    with scope_of(cast.aldermoor):
        while work_out_due(now=JULY):
            pass
    with scope_of(cast.petra):
        assert {part.status for part in bulk.parts.all()} == {BulkPart.UNFIT}


def test_a_draft_has_its_limits(cast, acting, scope_of, draft):
    too_long = {"document": "#" * 1_000_001}
    refused(RuleBroken, "too_long", acting, cast.petra, save_draft, revision=draft, version=2, **too_long)
    annexes = [upload(f"{number}.pdf") for number in range(MAX_FILES + 1)]
    refused(RuleBroken, "attachments", acting, cast.petra, attach_documents, revision=draft, files=annexes)
    acting(cast.petra, attach_documents, revision=draft, files=annexes[:1])
    refused(RuleBroken, "attachments", acting, cast.petra, attach_documents, revision=draft, files=annexes[1:])
    with scope_of(cast.petra):
        assert draft.draft.version == 2 and RevisionFile.objects.get().name == "0.pdf"


def test_what_begins_on_no_day_gets_no_later_one(cast, acting, live):
    plain = acting(cast.petra, start_revision, contract=live)
    refused(RuleBroken, "day", acting, cast.petra, set_new_day, revision=plain, day=date(2024, 12, 1))


def test_a_file_is_taken_over_what_was_looked_at_alone(cast, acting, scope_of, live):
    with scope_of(cast.petra):
        file = contract_file.read(file_with(live))
        version = live.version + 1
    refused(Conflict, "version", acting, cast.petra, take_file, file=file, version=version)
    with scope_of(cast.petra):
        assert not Revision.objects.exists()


def test_other_terms_from_a_day_that_has_come_are_not_proposed(cast, acting, scope_of, live, sent, clock):
    with scope_of(cast.petra):
        theirs = file_with(live, target=96)
    clock(JULY)
    given = {"revision": sent, "edition": 1, "document": theirs, "reason": "97 is too much."}
    refused(RuleBroken, "day_passed", acting, cast.vera, counter_propose, **given)
    with scope_of(cast.petra):
        sent.refresh_from_db()
        assert (sent.status, sent.edition) == (Status.WITH_VENDOR, 1)
