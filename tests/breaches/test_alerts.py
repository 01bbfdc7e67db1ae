"""Everything else that people have to know, each thing once and to the right people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.actions import alert_due
from contracts.models import Contract
from credits.actions import (
    Chosen,
    approve_claim,
    approve_waiver,
    claim_credits,
    decline_claim,
    decline_waiver,
    post_due,
    propose_waiver,
)
from evaluation.models import TriggeredRule
from measurements.models import Submission
from measurements.rules import Status
from notifications.models import Event, Notification
from tests.books import Books
from tests.factories import evaluation, measurements, organisations, slas
from tests.follow_up import once_judged

# April's figures are due on 15 May: the tenth working day, the early May holiday left out.
AFTER_DUE = datetime(2024, 5, 16, 8, tzinfo=UTC)
APRIL = date(2024, 4, 1)


def told(event):
    return {
        notification.member.name.split()[0]
        for notification in Notification.objects.filter(event=event).select_related("member")
    }


def asked_of(member):
    """What waits for a decision in somebody's inbox; nothing else of that kind is unread."""
    notifications = Notification.objects.inbox(member.pk)
    assert not notifications.unread().filter(event__kind="approval").exclude(event__decided_at=None)
    return [notification.event for notification in notifications.of_kind("approval")]


def unreported(books, period, level=0, **fields):
    terms = books.terms if not level else slas.terms(slas.service_level(books.contract, f"SL-0{level}"))
    given = {"outcome": "not_measured", "value": None, "band": None, "band_outcome": None, "streak": 0}
    evaluation.result(terms, period, **given | fields)


def test_late_figures_are_said_once_to_both_sides(books, system):
    unreported(books, books.periods[0])
    unreported(books, books.periods[0], level=2, outcome="met", value=99)
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    assert once_judged(alert_due, now=AFTER_DUE + timedelta(days=1)) == 0
    event = Event.objects.get()
    assert (event.kind, event.title) == ("late", "April 2024 figures late")
    assert event.detail == "Corvid Systems · MSA-001 · 1 of 2 service levels not reported, due Wed 15 May 2024 BST"
    assert told(event) == {"Marco", "Vera", "Ravi"}


def test_all_missing(books):
    unreported(books, books.periods[0])
    once_judged(alert_due, now=AFTER_DUE)
    assert "1 service level not reported" in Event.objects.get().detail


def test_figures_that_wait_for_the_client_are_not_late(books, system):
    unreported(books, books.periods[0])
    measurements.submission(books.contract, APRIL, by=system.vera, submitted_at=AFTER_DUE)
    once_judged(alert_due, now=AFTER_DUE)
    assert list(Event.objects.values_list("kind", flat=True)) == ["approval"]


def test_figures_that_were_returned_were_reported(books, system):
    unreported(books, books.periods[0])
    measurements.submission(books.contract, APRIL, by=system.vera, submitted_at=AFTER_DUE, status="returned")
    once_judged(alert_due, now=AFTER_DUE)
    assert "late" not in Event.objects.values_list("kind", flat=True)


def test_figures_that_do_not_come_again_are_said_once_after_the_day_of_the_return(books, system):
    """The last moment of that day is on time in the contract's zone, an hour ahead of UTC."""
    given = {"submitted_at": AFTER_DUE, "status": "returned", "due_again_on": date(2024, 5, 31)}
    measurements.submission(books.contract, APRIL, by=system.vera, **given)
    assert alert_due(now=datetime(2024, 5, 31, 22, 59, tzinfo=UTC)) == 0
    after = datetime(2024, 5, 31, 23, 1, tzinfo=UTC)
    assert alert_due(now=after) == 1
    assert alert_due(now=after + timedelta(days=1)) == 0
    event = Event.objects.get()
    assert (event.kind, event.title) == ("returned", "April 2024 figures not submitted again")
    assert event.detail == "Corvid Systems · MSA-001 · returned, due again Fri 31 May 2024 BST"
    assert told(event) == {"Marco", "Vera", "Ravi"}


@pytest.mark.parametrize(
    "change",
    [
        {"now": AFTER_DUE + timedelta(days=15)},  # nobody wants to know any more
        {"entered": datetime(2024, 7, 1, tzinfo=UTC)},  # from before the contract was kept here
    ],
)
def test_what_is_late_and_old_is_no_news(books, change):
    unreported(books, books.periods[0])
    Contract.objects.update(created_at=change.get("entered", datetime(2024, 4, 1, tzinfo=UTC)))
    assert once_judged(alert_due, now=change.get("now", AFTER_DUE)) == 0


@pytest.mark.parametrize(
    ("then", "title", "vendors_people"),
    [
        ("termination_right", "Right to terminate: Chronic failure", set()),
        ("escalate", "To be escalated: Chronic failure", set()),
        ("rectification_plan", "Rectification plan needed: Chronic failure", {"Vera", "Ravi"}),
        ("notify", "Rule holds: Chronic failure", {"Vera", "Ravi"}),
    ],
)
def test_a_rule_is_news_when_it_begins_to_hold(books, system, scope_of, then, title, vendors_people):
    level = books.terms.service_level
    for period in (books.periods[0], books.periods[1], books.periods[3]):  # April and May, and again in July
        evaluation.triggered_rule(period, then=then, service_level=level, judged_at=AFTER_DUE)
    assert once_judged(alert_due, now=AFTER_DUE) == (4 if vendors_people else 2)
    assert once_judged(alert_due, now=AFTER_DUE) == 0
    first = Event.objects.filter(vendor_id=None).order_by("key").first()
    assert first.title == title
    assert first.detail == "Corvid Systems · MSA-001 · Incidents resolved on time · April 2024"
    assert told(first) == {"Marco", "Petra"}
    theirs = Event.objects.exclude(vendor_id=None).order_by("key").first()
    assert (told(theirs) if theirs else set()) == vendors_people
    if theirs:
        assert (theirs.title, theirs.detail) == (title, "MSA-001 · Incidents resolved on time · April 2024")


def test_a_right_that_a_correction_takes_away_is_withdrawn_and_may_come_back(books, system):
    """It stays announced in nobody's inbox; whoever was told of it is told this, and the letter that was not sent yet needs not be."""

    def holds():
        evaluation.triggered_rule(books.periods[0], then="termination_right", judged_at=AFTER_DUE)

    holds()
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    announced = Event.objects.get()
    TriggeredRule.objects.all().delete()
    later = AFTER_DUE + timedelta(hours=1)
    assert alert_due(now=later) == 0  # it was not judged since
    assert once_judged(alert_due, now=later) == 1
    assert once_judged(alert_due, now=later + timedelta(hours=1)) == 0
    withdrawn = Event.objects.get(kind="rule_withdrawn")
    assert withdrawn.title == "Withdrawn: Right to terminate: Chronic failure"
    assert withdrawn.detail == "Corvid Systems · MSA-001 · April 2024 · does not hold after a correction"
    assert told(withdrawn) == told(announced) == {"Marco", "Petra"}
    announced.refresh_from_db()
    assert announced.decided_at == later
    assert not Notification.objects.filter(event=announced).unread().exists()
    holds()
    assert once_judged(alert_due, now=later + timedelta(hours=2)) == 1
    assert Event.objects.order_by("pk").last().title == "Right to terminate: Chronic failure"
    assert once_judged(alert_due, now=later + timedelta(hours=3)) == 0


def test_a_rule_that_goes_on_holding_is_not_withdrawn_when_its_level_differs(books, system):
    """The same rule of another service level, or of another month, is another right."""
    evaluation.triggered_rule(books.periods[0], then="escalate", judged_at=AFTER_DUE)
    evaluation.triggered_rule(
        books.periods[0], then="escalate", service_level=books.terms.service_level, judged_at=AFTER_DUE
    )
    assert once_judged(alert_due, now=AFTER_DUE) == 2
    TriggeredRule.objects.filter(service_level=None).delete()
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    assert Event.objects.get(kind="rule_withdrawn").key.startswith(f"rule:{books.contract.pk}:0:2024-04:")


def test_rules_of_months_from_before_the_contract_was_kept_here_are_told_to_nobody(books):
    Contract.objects.update(created_at=datetime(2024, 5, 2, tzinfo=UTC))
    evaluation.triggered_rule(books.periods[0], then="termination_right", judged_at=AFTER_DUE)
    evaluation.triggered_rule(books.periods[2], then="termination_right", judged_at=AFTER_DUE)
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    assert "June 2024" in Event.objects.get().detail


def test_a_submission_waits_comes_back_and_is_accepted(books, system):
    given = {"submitted_at": AFTER_DUE, "reason": "First figures"}
    submission = measurements.submission(books.contract, APRIL, by=system.ravi, **given)
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    waiting = Event.objects.get(kind="approval")
    assert waiting.title == "April 2024 figures to accept"
    assert waiting.detail == "Corvid Systems · MSA-001 · submitted by Ravi Menon · “First figures”"
    assert (told(waiting), waiting.vendor_id) == ({"Marco"}, None)
    assert asked_of(system.marco) == [waiting]

    mine = Submission.objects.filter(pk=submission.pk)
    decided = {"decided_by": system.marco, "decided_by_name": "Marco Bellini", "decided_at": AFTER_DUE}
    mine.update(status=Status.RETURNED, return_reason="April has 30 days.", due_again_on=date(2024, 5, 31), **decided)
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    returned = Event.objects.get(kind="returned")
    assert asked_of(system.marco) == []
    assert (
        returned.detail == "MSA-001 · returned by Marco Bellini · due again Fri 31 May 2024 BST · “April has 30 days.”"
    )
    assert told(returned) == {"Vera", "Ravi"}

    again = AFTER_DUE + timedelta(hours=1)
    mine.update(status=Status.SUBMITTED, submitted_at=again)
    assert once_judged(alert_due, now=again) == 1
    assert set(asked_of(system.marco)) == set(Event.objects.filter(kind="approval").exclude(pk=waiting.pk))

    mine.update(status=Status.ACCEPTED, revision=2, **decided | {"decided_at": again})
    assert once_judged(alert_due, now=again) == 1
    assert once_judged(alert_due, now=again) == 0
    assert asked_of(system.marco) == []
    accepted = Event.objects.get(kind="accepted")
    assert accepted.title == "April 2024 figures accepted"
    assert accepted.detail == "MSA-001 · revision 2 · accepted by Marco Bellini"


def test_what_a_person_does_is_news_however_old_its_month(books, system):
    """The contract is kept here since July: April is history, and its correction is not."""
    Contract.objects.update(created_at=datetime(2024, 7, 2, tzinfo=UTC))
    taken_over = {"status": Status.ACCEPTED, "submitted_at": AFTER_DUE, "decided_at": AFTER_DUE}
    measurements.submission(books.contract, APRIL, **taken_over)
    assert once_judged(alert_due, now=AFTER_DUE) == 0
    Submission.objects.update(status=Status.SUPERSEDED)
    correction = measurements.submission(books.contract, APRIL, by=system.ravi, submitted_at=AFTER_DUE, revision=2)
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    assert told(Event.objects.get()) == {"Marco"}
    for status, kind in ((Status.RETURNED, "returned"), (Status.ACCEPTED, "accepted")):
        decided = {"decided_by": system.marco, "decided_at": AFTER_DUE}
        Submission.objects.filter(pk=correction.pk).update(status=status, **decided)
        assert once_judged(alert_due, now=AFTER_DUE) == 1
        assert told(Event.objects.get(kind=kind)) == {"Vera", "Ravi"}


def test_nobody_is_asked_to_accept_their_own(books, system):
    measurements.submission(books.contract, APRIL, by=system.marco, submitted_at=AFTER_DUE)
    once_judged(alert_due, now=AFTER_DUE)
    assert told(Event.objects.get()) == set()


def test_nobody_is_asked_to_accept_what_a_key_of_theirs_submitted(books, system):
    key = organisations.api_key(system.marco).member
    measurements.submission(books.contract, APRIL, by=key, submitted_at=AFTER_DUE)
    once_judged(alert_due, now=AFTER_DUE)
    assert told(Event.objects.get()) == set()


def test_whoever_submitted_for_the_vendor_hears_of_the_decision(books, system):
    fields = {"status": Status.ACCEPTED, "decided_at": AFTER_DUE, "submitted_at": AFTER_DUE}
    measurements.submission(books.contract, APRIL, by=system.petra, **fields)
    once_judged(alert_due, now=AFTER_DUE)
    assert told(Event.objects.get()) == {"Vera", "Ravi", "Petra"}


def test_a_draft_is_nobodys_business(books):
    measurements.submission(books.contract, APRIL)
    assert once_judged(alert_due, now=AFTER_DUE) == 0


def test_a_waiver_is_put_before_the_others_who_may_decide(books, system):
    books.month(1, credit="1234.5")
    once_judged(post_due, now=AFTER_DUE)
    given = {"month": APRIL, "amount": Decimal("1234.5"), "reason": "Agreed."}
    proposal = propose_waiver(by=system.marco, contract=books.contract, **given)
    now = proposal.proposed_at + timedelta(minutes=1)
    assert once_judged(alert_due, now=now) == 1
    assert once_judged(alert_due, now=now) == 0
    event = Event.objects.get()
    assert event.title == "Waiver of £1,234.50 to decide on"
    assert event.detail == "Corvid Systems · MSA-001 · April 2024 · proposed by Marco Bellini"
    assert (told(event), event.vendor_id) == ({"Petra"}, None)
    assert asked_of(system.petra) == [event]


@pytest.mark.parametrize("approved", [True, False])
def test_who_proposed_a_waiver_hears_how_it_was_decided(books, system, approved):
    books.month(1, credit="1234.5")
    once_judged(post_due, now=AFTER_DUE)
    given = {"month": APRIL, "amount": Decimal(100), "reason": "Agreed."}
    proposal = propose_waiver(by=system.marco, contract=books.contract, **given)
    now = proposal.proposed_at + timedelta(minutes=1)
    once_judged(alert_due, now=now)
    if approved:
        approve_waiver(by=system.petra, proposal=proposal)
    else:
        decline_waiver(by=system.petra, proposal=proposal, reason="Not in the review.")
    assert once_judged(alert_due, now=now) == 1
    assert once_judged(alert_due, now=now) == 0
    assert asked_of(system.petra) == []
    event, said = Event.objects.get(kind="decided"), "approved" if approved else "declined"
    assert event.title == f"Waiver of £100.00 {said}"
    why = "" if approved else " · “Not in the review.”"
    assert event.detail == f"Corvid Systems · MSA-001 · April 2024 · {said} by Petra Sandgren{why}"
    assert (told(event), event.vendor_id) == ({"Marco"}, None)


def test_who_withdraws_a_waiver_knows_it(books, system):
    books.month(1, credit="100")
    once_judged(post_due, now=AFTER_DUE)
    given = {"month": APRIL, "amount": Decimal(100), "reason": "Agreed."}
    proposal = propose_waiver(by=system.marco, contract=books.contract, **given)
    now = proposal.proposed_at + timedelta(minutes=1)
    once_judged(alert_due, now=now)
    decline_waiver(by=system.marco, proposal=proposal)
    assert once_judged(alert_due, now=now) == 0
    assert asked_of(system.petra) == []


def test_a_claim_is_put_before_the_others_and_then_told_to_the_vendor(books, system, clock):
    books.month(1, credit="1234.5")
    once_judged(post_due, now=AFTER_DUE)
    Contract.objects.update(claim_within=30)
    clock(AFTER_DUE)
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    reminder = Event.objects.get()
    assert reminder.title == "Credit of £1,234.50 lapses after Thu 30 May 2024 BST"
    assert told(reminder) == {"Marco", "Petra"}
    chosen = [Chosen(books.contract, APRIL, Decimal("1234.5"))]
    [made] = claim_credits(by=system.petra, chosen=chosen)
    assert [once_judged(alert_due, now=AFTER_DUE) for _ in range(2)] == [1, 0]
    event = Event.objects.get(kind="approval")
    assert event.title == "Claim of £1,234.50 to approve"
    assert event.detail == "Corvid Systems · MSA-001 · April 2024 · claimed by Petra Sandgren"
    assert (told(event), event.vendor_id, asked_of(system.marco)) == ({"Marco"}, None, [event])
    decline_claim(by=system.marco, claim=made, reason="Too early.")
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    declined = Event.objects.get(title="Claim of £1,234.50 declined")
    assert told(declined) == {"Petra"} and asked_of(system.marco) == []
    [again] = claim_credits(by=system.petra, chosen=chosen)
    approve_claim(by=system.marco, claim=again)
    assert [once_judged(alert_due, now=AFTER_DUE) for _ in range(2)] == [1, 0]
    to_vendor = Event.objects.get(title="Service credit of £1,234.50 claimed")
    assert to_vendor.detail == "MSA-001 · April 2024 · reference MSA-001/2024-04/2 · to be deducted on the next invoice"
    assert to_vendor.vendor_id == system.corvid.pk and told(to_vendor) == {"Vera", "Ravi"}


def test_statements_do_not_grow_with_news(system):
    def statements(contracts):
        for _ in range(contracts):
            unreported(one := Books(system.corvid, months=1), one.periods[0])
        with CaptureQueriesContext(connection) as queries:
            assert once_judged(alert_due, now=AFTER_DUE) == contracts
        return len(queries)

    assert statements(1) == statements(3)
    with CaptureQueriesContext(connection) as queries:
        assert alert_due(now=AFTER_DUE) == 0
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 17


def test_more_than_fits_at_a_time_is_told_by_the_next_run(books, system, monkeypatch):
    monkeypatch.setattr("breaches.actions.alerts.LIMIT", 1)
    for one in (books, Books(system.corvid)):
        unreported(one, one.periods[0])
    assert once_judged(alert_due, now=AFTER_DUE) == 1
    assert [alert_due(now=AFTER_DUE) for _ in range(3)] == [1, 0, 0]
    assert Event.objects.filter(kind="late").count() == 2
