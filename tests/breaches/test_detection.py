"""Breaches follow the results, are news once, and go when the default goes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.actions import acknowledge, open_due
from breaches.models import Breach
from breaches.rules import HISTORY_NOTE, Status
from contracts.models import Contract
from evaluation.models import Result
from notifications.models import Event, Notification
from tests.books import ENTERED, NOW
from tests.factories import contracts, evaluation, slas
from tests.follow_up import once_judged


def standing(vendor, months=3, code="SL-01", entered=ENTERED):
    """A contract that is kept here since `entered`, one service level, and its first months."""
    contract = contracts.contract(vendor)
    Contract.objects.filter(pk=contract.pk).update(created_at=entered)
    periods = contracts.periods(contract, count=months)
    return slas.terms(slas.service_level(contract, code)), periods


def test_a_default_is_opened_and_announced_once(system):
    terms, (april, may, june) = standing(system.corvid)
    evaluation.result(terms, april, outcome="met", streak=0)
    evaluation.result(terms, may, streak=1)
    evaluation.result(terms, june, value=Decimal("89.14"), streak=2)

    assert once_judged(open_due, now=NOW) == 2
    assert once_judged(open_due, now=NOW + timedelta(minutes=1)) == 0

    breaches = list(Breach.objects.order_by("starts_on"))
    assert [(breach.starts_on, breach.status) for breach in breaches] == [
        (may.starts_on, Status.OPEN),
        (june.starts_on, Status.OPEN),
    ]
    event = Event.objects.get(path=f"breaches/{breaches[1].pk}/")
    assert event.title == "Incidents resolved on time below target"
    assert event.detail == "Corvid Systems · June 2024 · 89.1% against 95%, as judged on 16 May 2024"
    told = {notification.member_id: notification.vendor_id for notification in Notification.objects.filter(event=event)}
    corvid = system.corvid.pk
    assert told == {system.marco.pk: None, system.vera.pk: corvid, system.ravi.pk: corvid}


def test_the_vendors_people_see_their_own_notices_and_none_of_the_clients(cast, scope_of):
    with scope_of(cast.aldermoor):
        terms, (april, *_) = standing(cast.corvid)
        evaluation.result(terms, april)
        once_judged(open_due, now=NOW)
        assert Notification.objects.count() == 3
    with scope_of(cast.ravi):
        assert set(Notification.objects.values_list("member_id", flat=True)) == {cast.ravi.pk, cast.vera.pk}
        assert Notification.objects.inbox(cast.ravi.pk).get().event.kind == "breach"
    with scope_of(cast.hana):
        assert not Notification.objects.exists()
        assert not Event.objects.exists()


def test_history_is_closed_without_alert(system):
    terms, periods = standing(system.corvid, months=4, entered=datetime(2024, 8, 1, 0, 30, tzinfo=UTC))
    for period in periods:  # April to July; kept here since August: June and July are news
        evaluation.result(terms, period, submission_id=1)
    assert once_judged(open_due, now=NOW) == 4
    found = dict(Breach.objects.values_list("month", "status"))
    assert found == {
        date(2024, 4, 1): Status.CLOSED,
        date(2024, 5, 1): Status.CLOSED,
        date(2024, 6, 1): Status.OPEN,
        date(2024, 7, 1): Status.OPEN,
    }
    assert set(Breach.objects.filter(status=Status.CLOSED).values_list("note", flat=True)) == {HISTORY_NOTE}
    assert Event.objects.count() == 2


def test_the_month_of_entry_is_the_contracts_own(system):
    # 23:30 on 31 July in London is already August further east.
    terms, periods = standing(system.corvid, months=2, entered=datetime(2024, 7, 31, 22, 30, tzinfo=UTC))
    evaluation.result(terms, periods[1], submission_id=1)  # May
    once_judged(open_due, now=NOW)
    assert Breach.objects.get().status == Status.OPEN
    Contract.objects.update(timezone="Asia/Tokyo")
    evaluation.result(terms, periods[0], submission_id=1, starts_on=date(2024, 5, 2), month=date(2024, 5, 1))
    once_judged(open_due, now=NOW)
    assert Breach.objects.get(starts_on=date(2024, 5, 2)).status == Status.CLOSED


def test_a_correction_restates_and_another_opens_again(system):
    terms, (april, *_) = standing(system.corvid)
    result = evaluation.result(terms, april)
    once_judged(open_due, now=NOW)
    breach = Breach.objects.get()
    acknowledge(by=system.marco, breach=breach, note="Seen")

    evaluation.past_result(terms, april, restated_because="Two tickets were counted twice.")
    Result.objects.filter(pk=result.pk).update(outcome="met", streak=0, revision=2)
    later = NOW + timedelta(days=1)
    assert once_judged(open_due, now=later) == 1
    assert once_judged(open_due, now=later) == 0
    breach.refresh_from_db()
    assert (breach.status, breach.acknowledged_by_id) == (Status.RESTATED, system.marco.pk)
    gone = Event.objects.get(kind="restated")
    assert gone.title == "Incidents resolved on time no longer in breach"
    assert gone.detail == "Corvid Systems · April 2024 · Two tickets were counted twice."

    Result.objects.filter(pk=result.pk).update(outcome="default", streak=1, revision=3)
    assert once_judged(open_due, now=later + timedelta(days=1)) == 1
    breach.refresh_from_db()
    assert (breach.status, breach.acknowledged_by_id, breach.note) == (Status.OPEN, None, "Seen")
    assert Event.objects.filter(kind="breach").count() == 2


def test_what_was_history_or_excused_is_restated_silently_or_not_at_all(system):
    terms, (april, may, june) = standing(system.corvid)
    for period, status in ((april, Status.CLOSED), (may, Status.EXCUSED), (june, Status.WAIVED)):
        evaluation.result(terms, period, outcome="met", streak=0)
        Breach.objects.create(
            vendor=system.corvid,
            contract=terms.service_level.contract,
            service_level=terms.service_level,
            period=period,
            starts_on=period.starts_on,
            month=period.month,
            status=status,
            opened_at=NOW,
        )
    assert once_judged(open_due, now=NOW) == 2
    assert list(Breach.objects.order_by("month").values_list("status", flat=True)) == [
        Status.RESTATED,
        Status.EXCUSED,
        Status.RESTATED,
    ]
    assert not Event.objects.exists()


def test_a_missing_report_that_counts_is_a_breach(system):
    terms, (april, *_) = standing(system.corvid)
    evaluation.result(terms, april, outcome="not_measured", value=None, band=None, band_outcome="default", streak=1)
    once_judged(open_due, now=NOW)
    event = Event.objects.get()
    assert event.title == "Incidents resolved on time not reported"
    assert event.detail == "Corvid Systems · April 2024"


def test_people_who_left_are_not_told(system):
    terms, (april, *_) = standing(system.corvid)
    system.vera.is_active = False
    system.vera.save()
    evaluation.result(terms, april)
    once_judged(open_due, now=NOW)
    assert set(Notification.objects.values_list("member_id", flat=True)) == {system.marco.pk, system.ravi.pk}


def test_statements_do_not_grow_with_breaches(system):
    terms, periods = standing(system.corvid, months=12)

    def statements(of):
        for period in of:
            evaluation.result(terms, period)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert once_judged(open_due, now=NOW) == len(of)
        return len(queries)

    assert statements(periods[:1]) == statements(periods[1:])


def test_another_clients_results_open_nothing_here(system, scope_of):
    once_judged(open_due, now=NOW)
    assert not Breach.objects.exists()


@pytest.mark.parametrize(("entered", "opened"), [(14, 1), (15, 1), (16, 0)])  # May 2024; April was due on the 15th
def test_what_nobody_could_report_here_is_no_breach(system, entered, opened):
    """The contract came in with a past start, and its terms count what is missing as a default."""
    terms, periods = standing(system.corvid, months=1, entered=datetime(2024, 5, entered, 8, tzinfo=UTC))
    missing = {"outcome": "not_measured", "band_outcome": "default", "value": None, "band": None}
    result = evaluation.result(terms, periods[0], **missing)
    assert once_judged(open_due, now=NOW) == opened
    assert Event.objects.count() == opened
    result.submission_id = 1  # they come all the same
    result.save()
    assert once_judged(open_due, now=NOW) == 1 - opened
    assert Breach.objects.count() == 1
