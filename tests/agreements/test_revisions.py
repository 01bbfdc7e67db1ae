"""A revision from its draft into force: who has the next word, and every way in which two people or two days meet."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from agreements.actions import (
    approve,
    bring_up_to_date,
    consent,
    counter_propose,
    decline,
    put_in_force,
    reopen,
    save_draft,
    send,
    send_back,
    start_revision,
    submit,
    withdraw,
)
from agreements.models import Revision, RevisionDraft, RevisionEdition, RevisionStep
from agreements.proposals import examine
from agreements.rules import Status, StepKind, checksum
from contracts import contract_file
from contracts.rules import FileRefused
from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.models import Membership, OrganisationSettings
from organisations.rules import Role
from slas.actions import export_contract, import_contract
from slas.models import Terms
from tests.agreements.revised import JUNE, WHY, file_with, unchanged
from tests.factories import organisations

JULY = datetime(2024, 7, 1, 9, tzinfo=UTC)


def counter(cast, scope_of, live, target=96):
    with scope_of(cast.petra):
        return file_with(live, target=target)


def day_comes(cast, scope_of, now=JULY):
    with scope_of(cast.aldermoor):
        return put_in_force(now=now)


def versions(contract):
    return [terms.valid.lower for terms in Terms.objects.filter(service_level__contract=contract).order_by("valid")]


# Draft -----------------------------------------------------------------------------------------------------------


def test_a_draft_begins_as_the_contract_is_and_says_from_when_it_counts(cast, scope_of, live, acting):
    made = acting(cast.petra, start_revision, contract=live)
    with scope_of(cast.petra):
        assert (made.number, made.status, made.edition) == (1, Status.DRAFT, 0)
        assert made.draft.document == made.draft.base == contract_file.write(export_contract(by=None, contract=live))
        assert made.draft.effective_on is None
        document = file_with(live)
    saved = acting(cast.petra, save_draft, revision=made, version=1, document=document)
    assert (saved.version, saved.effective_on) == (2, date(2024, 7, 1))


def test_two_people_on_one_draft_lose_nothing_of_either(cast, scope_of, draft, acting):
    acting(cast.petra, save_draft, revision=draft, version=2, title="Mine")
    with pytest.raises(Conflict) as refused:
        acting(cast.petra, save_draft, revision=draft, version=2, title="Another")
    assert refused.value.code == "version"
    with scope_of(cast.petra):
        assert RevisionDraft.objects.get().title == "Mine"


def test_a_second_draft_of_a_contract_is_meant(cast, scope_of, draft, live, acting):
    with pytest.raises(Conflict) as refused:
        acting(cast.petra, start_revision, contract=live)
    assert refused.value.code == "draft_there" and "Petra Sandgren" in refused.value.sentence
    assert acting(cast.petra, start_revision, contract=live, beside=True).number == 2


def test_what_is_no_contract_file_yet_is_kept_and_not_submitted(cast, scope_of, draft, acting):
    acting(cast.petra, save_draft, revision=draft, version=2, document="contract: [")
    with pytest.raises(FileRefused):
        acting(cast.petra, submit, revision=draft, version=3)
    with scope_of(cast.petra):
        assert draft.draft.document == "contract: ["
        assert (Revision.objects.get().status, RevisionEdition.objects.count()) == (Status.DRAFT, 0)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [({"reason": " "}, "reason"), ({"title": ""}, "title"), ({"document": None}, "no_change")],
    ids=["reason", "title", "change"],
)
def test_a_draft_is_submitted_with_title_reason_and_a_change(cast, scope_of, draft, acting, spoil, code):
    with scope_of(cast.petra):
        given = {name: draft.draft.base if value is None else value for name, value in spoil.items()}
    acting(cast.petra, save_draft, revision=draft, version=2, **given)
    with pytest.raises(RuleBroken) as refused:
        acting(cast.petra, submit, revision=draft, version=3)
    assert refused.value.code == code


def test_terms_in_force_stay_as_they_are(cast, scope_of, draft, acting):
    with scope_of(cast.petra):
        changed = draft.draft.base.replace("at: 95", "at: 94")
    acting(cast.petra, save_draft, revision=draft, version=2, document=changed)
    with pytest.raises(FileRefused) as refused:
        acting(cast.petra, submit, revision=draft, version=3)
    assert refused.value.problems


def test_a_file_for_another_contract_is_refused(cast, scope_of, draft, acting):
    with scope_of(cast.petra):
        changed = draft.draft.document.replace("MSA-1", "MSA-2")
    acting(cast.petra, save_draft, revision=draft, version=2, document=changed)
    with pytest.raises(FileRefused) as refused:
        acting(cast.petra, submit, revision=draft, version=3)
    assert refused.value.problems[0].path == "contract.reference"


def test_a_period_that_has_begun_is_dated_back_on_purpose(cast, scope_of, draft, live, acting):
    with scope_of(cast.petra):
        document = file_with(live, "2024-06-01")
    acting(cast.petra, save_draft, revision=draft, version=2, document=document)
    with pytest.raises(RuleBroken) as refused:
        acting(cast.petra, submit, revision=draft, version=3)
    assert refused.value.code == "day_passed"
    with scope_of(cast.aldermoor):
        key = Membership.objects.get(pk=organisations.api_key(cast.petra).member_id)
    key.key_actions = frozenset({"revision.draft"})
    with pytest.raises(NotAllowed) as refused:
        acting(key, submit, revision=draft, version=3, date_back=True)
    assert refused.value.code == "date_back"
    assert acting(cast.petra, submit, revision=draft, version=3, date_back=True).dated_back
    acting(cast.marco, approve, revision=draft, edition=1)
    acting(cast.vera, consent, revision=draft, edition=1)
    assert day_comes(cast, scope_of, JUNE) == 1
    with scope_of(cast.aldermoor):
        assert date(2024, 6, 1) in versions(live)


# Approval --------------------------------------------------------------------------------------------------------


def test_an_edition_is_kept_as_it_was_submitted(cast, scope_of, submitted, acting):
    with scope_of(cast.petra):
        edition = RevisionEdition.objects.get()
        assert (edition.number, edition.reason, edition.needed) == (1, WHY, 1)
        assert edition.checksum == checksum(edition.document)
        for changes in ({"document": "x"}, {"impact": {}}, {"effective_on": None}):
            with pytest.raises(Exception, match="append-only"), transaction.atomic():
                RevisionEdition.objects.update(**changes)


def test_nobody_approves_what_they_wrote(cast, scope_of, submitted, acting):
    with pytest.raises(NotAllowed) as refused, scope_of(cast.petra), unchanged(submitted):
        approve(by=cast.petra, revision=submitted, edition=1)
    assert refused.value.code == "own"


def test_a_second_membership_or_a_key_is_the_same_person(cast, scope_of, live, acting):
    with scope_of(cast.aldermoor):
        with pytest.raises(IntegrityError), transaction.atomic():
            organisations.member(cast.petra.user, Role.ACCOUNT_MANAGER)
        key = organisations.api_key(cast.marco).member
        Membership.objects.filter(pk=key.pk).update(role=Role.PROCUREMENT)
        key = Membership.objects.get(pk=key.pk)
        key.key_actions = frozenset({"revision.draft"})
    made = acting(key, start_revision, contract=live, title="By key", document=None)
    with scope_of(key):
        document = file_with(live)
    acting(key, save_draft, revision=made, version=1, document=document, reason=WHY)
    acting(key, submit, revision=made, version=2)
    with pytest.raises(NotAllowed) as refused:
        acting(cast.marco, approve, revision=made, edition=1)
    assert refused.value.code == "own"


def test_who_helped_to_write_it_does_not_approve_it(cast, draft, acting, paul):
    acting(paul, save_draft, revision=draft, version=2, title="Better title")
    acting(cast.petra, submit, revision=draft, version=3)
    with pytest.raises(NotAllowed):
        acting(paul, approve, revision=draft, edition=1)
    assert acting(cast.marco, approve, revision=draft, edition=1).status == Status.WITH_VENDOR


def test_two_have_to_approve_where_the_organisation_says_so_and_nobody_counts_twice(
    cast, scope_of, draft, acting, paul
):
    with scope_of(cast.aldermoor):
        OrganisationSettings.objects.create(approvals={"terms": 2})
    acting(cast.petra, submit, revision=draft, version=2)
    assert acting(cast.marco, approve, revision=draft, edition=1).status == Status.SUBMITTED
    with pytest.raises(Conflict) as refused:
        acting(cast.marco, approve, revision=draft, edition=1)
    assert refused.value.code == "approved"
    with scope_of(cast.aldermoor):
        assert RevisionStep.objects.filter(kind=StepKind.APPROVED).count() == 1
    assert acting(paul, approve, revision=draft, edition=1).status == Status.WITH_VENDOR


def test_money_above_an_amount_needs_two(cast, scope_of, live, acting):
    with scope_of(cast.aldermoor):
        OrganisationSettings.objects.create(approvals={"two_from": "12000"})
        documents = [
            file_with(live, charges=[{"monthly": "100000.00"}, {"from": "2024-07-01", "monthly": amount}])
            for amount in ("100999.00", "101000.00")
        ]
    needed = []
    for document in documents:
        made = acting(cast.petra, start_revision, contract=live, title="Indexation", document=document, beside=True)
        acting(cast.petra, save_draft, revision=made, version=1, reason=WHY)
        needed.append(acting(cast.petra, submit, revision=made, version=2).needed)
    assert needed == [1, 2]


def test_what_was_sent_back_is_another_edition_when_it_comes_again(cast, scope_of, submitted, acting):
    with pytest.raises(RuleBroken):
        acting(cast.marco, send_back, revision=submitted, edition=1, reason=" ")
    acting(cast.marco, send_back, revision=submitted, edition=1, reason="From August, please.")
    acting(cast.petra, submit, revision=submitted, version=2)
    with pytest.raises(Conflict) as refused:
        acting(cast.marco, approve, revision=submitted, edition=1)
    assert refused.value.code == "version"
    assert acting(cast.marco, approve, revision=submitted, edition=2).status == Status.WITH_VENDOR


def test_it_waits_where_the_vendor_has_nobody_who_could_consent(cast, scope_of, submitted, acting):
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.vera.pk).update(is_active=False)
    assert acting(cast.marco, approve, revision=submitted, edition=1).status == Status.APPROVED
    with pytest.raises(Conflict):
        acting(cast.petra, send, revision=submitted)
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.vera.pk).update(is_active=True)
    assert acting(cast.petra, send, revision=submitted).status == Status.WITH_VENDOR


# The vendor's answer ---------------------------------------------------------------------------------------------


def test_a_vendor_sees_what_was_sent_to_it_and_no_draft(cast, scope_of, submitted, acting):
    def seen(member):
        with scope_of(member):
            return Revision.objects.count(), RevisionEdition.objects.count()

    acting(cast.marco, send_back, revision=submitted, edition=1, reason="From August, please.")
    acting(cast.petra, submit, revision=submitted, version=2)
    assert seen(cast.vera) == (0, 0)
    acting(cast.marco, approve, revision=submitted, edition=2)
    assert (seen(cast.vera), seen(cast.hana), seen(cast.otto)) == ((1, 1), (0, 0), (0, 0))
    with scope_of(cast.vera):
        kinds = [step.kind for step in RevisionStep.objects.all()]
    assert kinds == [StepKind.SENT]


def test_consented_terms_are_in_force_on_their_day_and_once(cast, scope_of, sent, live, acting):
    assert acting(cast.vera, consent, revision=sent, edition=1).status == Status.CONSENTED
    assert day_comes(cast, scope_of, datetime(2024, 6, 30, 22, tzinfo=UTC)) == 0  # 23 o'clock in London
    assert day_comes(cast, scope_of, datetime(2024, 6, 30, 23, 30, tzinfo=UTC)) == 1
    assert day_comes(cast, scope_of) == 0
    with scope_of(cast.aldermoor):
        assert Revision.objects.get().status == Status.IN_FORCE
        assert date(2024, 7, 1) in versions(live)


def test_no_reporter_consents(cast, scope_of, sent, acting):
    with pytest.raises(NotAllowed):
        acting(cast.ravi, consent, revision=sent, edition=1)


def test_a_no_has_a_reason_and_leaves_the_terms(cast, scope_of, sent, live, acting):
    with pytest.raises(RuleBroken):
        acting(cast.vera, decline, revision=sent, edition=1, reason="")
    assert acting(cast.vera, decline, revision=sent, edition=1, reason="Too dear.").status == Status.DECLINED
    assert day_comes(cast, scope_of) == 0
    assert acting(cast.petra, reopen, revision=sent).status == Status.DRAFT


def test_other_terms_are_an_edition_that_the_client_looks_at_again(cast, scope_of, sent, live, acting):
    theirs = counter(cast, scope_of, live)
    acting(cast.vera, counter_propose, revision=sent, edition=1, document=theirs, reason="97 is too much.")
    with pytest.raises(Conflict) as refused:  # the edition that was sent is not the one that lies here
        acting(cast.vera, consent, revision=sent, edition=1)
    assert refused.value.code == "version"
    acting(cast.petra, reopen, revision=sent, take_theirs=True)
    with scope_of(cast.petra):
        assert (sent.edition, RevisionEdition.objects.get(number=2).from_vendor) == (2, True)
        version = RevisionDraft.objects.get().version
    acting(cast.petra, submit, revision=sent, version=version)
    acting(cast.marco, approve, revision=sent, edition=3)
    with pytest.raises(Conflict):  # to an older edition nobody consents
        acting(cast.vera, consent, revision=sent, edition=1)
    acting(cast.vera, consent, revision=sent, edition=3)
    assert day_comes(cast, scope_of) == 1
    with scope_of(cast.aldermoor):
        terms = Terms.objects.get(service_level__contract=live, valid__startswith=date(2024, 7, 1))
        assert terms.full["bands"][0]["at"] == "96"


def test_the_same_terms_are_no_counter_proposal(cast, scope_of, sent, live, acting):
    same = counter(cast, scope_of, live, 97)
    with pytest.raises(RuleBroken) as refused:
        acting(cast.vera, counter_propose, revision=sent, edition=1, document=same, reason="Well.")
    assert refused.value.code == "no_change"


def test_whoever_was_asked_reads_that_it_was_withdrawn(cast, scope_of, sent, acting):
    acting(cast.petra, withdraw, revision=sent, reason="Another time.")
    with scope_of(cast.vera):
        assert RevisionStep.objects.filter(kind=StepKind.WITHDRAWN, text="Another time.").exists()
    with pytest.raises(Conflict):
        acting(cast.vera, consent, revision=sent, edition=1)


# Days, and other revisions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["submitted", "sent"])
def test_what_is_not_agreed_by_its_day_asks_for_a_new_one(request, cast, scope_of, live, acting, clock, stage):
    revision = request.getfixturevalue(stage)
    clock(JULY)
    last, member = (approve, cast.marco) if stage == "submitted" else (consent, cast.vera)
    with pytest.raises(Conflict) as refused:
        acting(member, last, revision=revision, edition=1)
    assert refused.value.code == "day_passed"
    assert day_comes(cast, scope_of) == 1 and day_comes(cast, scope_of) == 0
    with scope_of(cast.aldermoor):
        assert Revision.objects.get().status == Status.LAPSED
        assert date(2024, 7, 1) not in versions(live)
    assert acting(cast.petra, reopen, revision=revision).status == Status.DRAFT


def test_of_two_revisions_of_one_level_the_second_overwrites_nothing(cast, scope_of, sent, live, acting):
    with scope_of(cast.petra):
        document = file_with(live, target=99)
    other = acting(cast.petra, start_revision, contract=live, title="Both", document=document, beside=True)
    acting(cast.petra, save_draft, revision=other, version=1, reason=WHY)
    acting(cast.petra, submit, revision=other, version=2)
    acting(cast.marco, approve, revision=other, edition=1)
    for one in (sent, other):
        acting(cast.vera, consent, revision=one, edition=1)
    assert day_comes(cast, scope_of) == 2
    with scope_of(cast.aldermoor):
        assert [one.status for one in Revision.objects.order_by("number")] == [Status.IN_FORCE, Status.SUPERSEDED]
        assert Terms.objects.get(valid__startswith=date(2024, 7, 1)).full["bands"][0]["at"] == "97"


def test_nobody_agrees_about_a_contract_that_is_another_by_now(cast, scope_of, sent, live, acting):
    with scope_of(cast.aldermoor):
        import_contract(by=None, source=file_with(live, "2024-09-01"))
    with pytest.raises(Conflict) as refused:
        acting(cast.vera, consent, revision=sent, edition=1)
    assert refused.value.code == "contract_moved"


def test_what_was_overtaken_is_brought_up_to_date_and_keeps_both(cast, scope_of, sent, live, acting):
    acting(cast.vera, consent, revision=sent, edition=1)
    with scope_of(cast.aldermoor):
        other = export_contract(by=None, contract=live)
        other["service_levels"][1]["terms"].append({**other["service_levels"][1]["terms"][0], "from": "2024-10-01"})
        other["contract"]["charges"] = [other["contract"]["charges"], {"from": "2024-08-01", "monthly": "110000.00"}]
        import_contract(by=None, source=contract_file.write(other))
    assert day_comes(cast, scope_of) == 1
    with scope_of(cast.petra):
        assert Revision.objects.get().status == Status.SUPERSEDED
    acting(cast.petra, reopen, revision=sent)
    with scope_of(cast.petra):
        draft = RevisionDraft.objects.get()
        proposed = examine(draft.base, draft.document, date(2024, 6, 11))
        assert draft.base == contract_file.write(export_contract(by=None, contract=live))
        assert [change.path for change in proposed.changes] == ["service_levels[0].terms[1]"]
    assert acting(cast.petra, submit, revision=sent, version=draft.version).number == 2


def test_where_both_changed_the_same_the_draft_says_so(cast, scope_of, draft, live, acting):
    with scope_of(cast.aldermoor):
        import_contract(by=None, source=file_with(live, target=99))
    with pytest.raises(Conflict) as refused:
        acting(cast.petra, submit, revision=draft, version=2)
    assert refused.value.code == "contract_moved"
    acting(cast.petra, bring_up_to_date, revision=draft)
    with pytest.raises(FileRefused) as refused:
        acting(cast.petra, submit, revision=draft, version=3)
    assert "bands" in refused.value.problems[0].path


def test_what_cannot_be_read_yet_stays_as_it_is_written_when_the_contract_moves(cast, scope_of, draft, live, acting):
    acting(cast.petra, save_draft, revision=draft, version=2, document="plumbline: 1\ncontract: to be")
    with scope_of(cast.aldermoor):
        import_contract(by=None, source=file_with(live, target=99))
    acting(cast.petra, bring_up_to_date, revision=draft)
    with scope_of(cast.petra):
        kept = RevisionDraft.objects.get()
        assert (kept.document, kept.effective_on) == ("plumbline: 1\ncontract: to be", None)
        assert (kept.base_version, kept.base) == (2, contract_file.write(export_contract(by=None, contract=live)))
