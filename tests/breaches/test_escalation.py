"""A breach that nobody takes up: how grave it is, and who is told when, in the working hours of its contract."""

from datetime import UTC, date, datetime, timedelta

import pytest

from breaches.actions import acknowledge, climb_due, open_due, undo_acknowledge
from breaches.models import Breach, Escalation
from breaches.rules.escalation import Severity
from contracts.calendar import WorkingCalendar, after_working_hours
from contracts.models import Contract
from evaluation.models import Result
from lib.errors import RuleBroken
from notifications.models import Event, Notification
from organisations.actions import change_escalation
from organisations.ladder import DEPUTY, IN_CHARGE, USUAL, Rung
from organisations.models import Membership, OrganisationSettings
from organisations.rules import Role
from slas.models import Terms
from tests.books import Books
from tests.breaches.test_plans import World
from tests.factories import breaches, contracts, evaluation
from tests.follow_up import once_judged

THURSDAY = datetime(2024, 5, 16, 8, tzinfo=UTC)  # nine in the morning in London
BANDS = [
    {"name": "Expected", "outcome": "met"},
    {"name": "Minor", "outcome": "default"},
    {"name": "Serious", "outcome": "default"},
    {"name": "Severe", "outcome": "default"},
]


@pytest.fixture
def books(system):
    found = Books(system.corvid)
    calendar = [{"from": "2024-04-01", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": "09:00-17:00"}]
    Contract.objects.filter(pk=found.contract.pk).update(timezone="Europe/London", calendar=calendar)
    Terms.objects.filter(pk=found.terms.pk).update(full={**found.terms.full, "bands": BANDS})
    return found


@pytest.fixture
def opened(books):
    """`opened(band)`: April is a default in that band, and its breach opens on Thursday morning."""

    def open_(band=4):
        evaluation.result(books.terms, books.periods[0], band=band, streak=1)
        once_judged(open_due, now=THURSDAY)
        return Breach.objects.select_related("contract").get()

    return open_


def told(**about):
    found = Notification.objects.filter(event__kind="escalated", **about).select_related("member").order_by("pk")
    return [one.member.name.split()[0] for one in found]


@pytest.mark.parametrize(("band", "severity"), [(2, Severity.MINOR), (3, Severity.MAJOR), (4, Severity.CRITICAL)])
def test_the_band_says_how_grave_it_is(opened, band, severity):
    assert opened(band).severity == severity


def test_a_correction_makes_it_graver_and_begins_its_ladder_again(opened):
    breach = opened(2)
    assert Escalation.objects.get().due_at == datetime(2024, 5, 22, 16, tzinfo=UTC)  # 40 working hours: five days
    Result.objects.update(band=4)
    once_judged(open_due, now=THURSDAY + timedelta(hours=1))
    breach.refresh_from_db()
    assert breach.severity == Severity.CRITICAL
    assert Escalation.objects.get().due_at == THURSDAY + timedelta(hours=4)


def test_one_rung_after_the_other_in_working_hours(opened, books, system):
    contracts.owner(books.contract, system.marco)
    deputy = Membership.objects.create(user_id=system.otto.user_id, role=Role.ACCOUNT_MANAGER, name="Ben Deputy")
    opened(4)
    assert climb_due(now=THURSDAY + timedelta(hours=3, minutes=59)) == 0
    assert climb_due(now=THURSDAY + timedelta(hours=4)) == 1
    assert climb_due(now=THURSDAY + timedelta(hours=4)) == 0
    assert told() == ["Marco"]
    assert climb_due(now=THURSDAY + timedelta(hours=8)) == 1
    assert told()[1:] == [deputy.name.split()[0]]
    # Sixteen working hours end on Friday evening; the night counts for nothing.
    assert climb_due(now=datetime(2024, 5, 17, 15, 59, tzinfo=UTC)) == 0
    assert climb_due(now=datetime(2024, 5, 17, 16, tzinfo=UTC)) == 1
    assert told()[2:] == ["Petra"]
    reached = Escalation.objects.exclude(reached_at=None)
    assert list(reached.values_list("name", "told")) == [
        ("Account manager in charge", "Marco Bellini"),
        ("Deputy", "Ben Deputy"),
        ("Procurement", "Petra Sandgren"),
    ]


def test_opened_again_after_a_correction_its_ladder_begins_again(opened, system):
    opened(4)
    climb_due(now=THURSDAY + timedelta(hours=4))
    for streak, hours in ((0, 5), (1, 6)):
        Result.objects.update(streak=streak)
        once_judged(open_due, now=THURSDAY + timedelta(hours=hours))
    planned = Escalation.objects.get(reached_at=None)
    assert (planned.rung, planned.opened_at) == (0, THURSDAY + timedelta(hours=6))


def test_a_rung_waits_where_the_contract_has_fewer_hours_by_now(opened, books):
    opened(4)
    calendar = books.contract.calendar[0] | {"from": "2024-04-01", "weekdays": ["thu"], "hours": "09:00-11:00"}
    Contract.objects.filter(pk=books.contract.pk).update(calendar=[calendar])
    climb_due(now=THURSDAY + timedelta(hours=4))
    assert told() == []
    assert Escalation.objects.get().due_at == THURSDAY + timedelta(days=7, hours=2)


def test_whoever_stood_in_last_is_the_deputy(opened, books, system):
    ben = Membership.objects.create(user_id=system.otto.user_id, role=Role.ACCOUNT_MANAGER, name="Ben Deputy")
    contracts.owner(books.contract, ben, is_deputy=True, starts_on=date(2024, 4, 1), ends_on=date(2024, 4, 5))
    opened(4)
    climb_due(now=THURSDAY + timedelta(hours=4))
    climb_due(now=THURSDAY + timedelta(hours=8))
    assert told() == ["Marco", "Ben", "Ben"]  # nobody is in charge


def test_what_somebody_took_up_climbs_no_further_and_what_they_put_down_does(opened, system):
    breach = opened(4)
    climb_due(now=THURSDAY + timedelta(hours=4))
    unread = Notification.objects.filter(event__kind="escalated").unread()
    assert unread.exists()
    acknowledge(by=system.marco, breach=breach)
    assert not unread.exists()
    assert climb_due(now=THURSDAY + timedelta(hours=9)) == 1  # dropped
    assert Escalation.objects.filter(reached_at=None).count() == 0
    undo_acknowledge(by=system.marco, breach=breach)
    assert climb_due(now=THURSDAY + timedelta(hours=9)) == 1
    assert Event.objects.filter(kind="escalated").count() == 2


def test_the_ladder_stands_on_the_page_and_the_vendor_does_not_see_it(client_for, cast, scope_of, clock):
    clock(THURSDAY)
    with scope_of(cast.aldermoor):
        world = World(cast.corvid)
        breaches.escalation(world.breach, reached_at=THURSDAY, name="Account manager in charge", told="Marco Bellini")
    page = client_for(cast.marco).get(f"breaches/{world.breach.pk}/").content.decode()
    assert "Nobody had acknowledged it, account manager in charge was told" in page
    assert "Deputy" in page  # is next
    theirs = client_for(cast.vera).get(f"breaches/{world.breach.pk}/").content.decode()
    assert "Escalation" not in theirs
    assert "Nobody had acknowledged" not in theirs


LONDON = WorkingCalendar(weekdays=("mon", "tue", "wed", "thu", "fri"), hours=(9 * 60, 17 * 60))


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ("2024-05-16T08:00", 4, "2024-05-16T12:00"),
        ("2024-05-16T03:00", 4, "2024-05-16T12:00"),  # it opened at night
        ("2024-05-17T15:00", 2, "2024-05-20T09:00"),  # an hour on Friday, an hour on Monday
        ("2024-05-18T12:00", 8, "2024-05-20T16:00"),  # at the weekend
        ("2024-03-29T16:00", 2, "2024-04-01T09:00"),  # the clocks went forward on Sunday
    ],
)
def test_working_hours(since, hours, until):
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (since, until))
    assert after_working_hours(begin, hours, "Europe/London", LONDON) == end


def test_a_calendar_without_hours_or_days_has_some_all_the_same():
    assert after_working_hours(THURSDAY, 4, "Europe/London", WorkingCalendar()) == THURSDAY + timedelta(hours=4)


def test_the_organisation_decides_its_own_ladder(opened, books, system):
    own = {**USUAL, "critical": (Rung(6, Role.PROCUREMENT),)}
    opened(4)
    change_escalation(by=system.ada, version=1, ladder=own)
    assert climb_due(now=THURSDAY + timedelta(hours=4)) == 1 and told() == [], "put off: it was planned for four hours"
    assert climb_due(now=THURSDAY + timedelta(hours=6)) == 1 and told() == ["Petra"]
    assert not Escalation.objects.filter(reached_at=None).exists(), "there is no other rung"
    change_escalation(by=system.ada, version=2, ladder=USUAL)
    assert OrganisationSettings.objects.get().escalation is None


def test_what_is_planned_follows_a_ladder_that_is_shortened_or_lengthened(opened, books, system):
    contracts.owner(books.contract, system.marco)
    opened(4)
    change_escalation(by=system.ada, version=1, ladder={**USUAL, "critical": (Rung(1, IN_CHARGE),)})
    assert climb_due(now=THURSDAY + timedelta(minutes=30)) == 1 and told() == []
    assert Escalation.objects.get().due_at == THURSDAY + timedelta(hours=1), "three hours earlier than it was planned"
    assert climb_due(now=THURSDAY + timedelta(hours=1)) == 1 and told() == ["Marco"]
    assert climb_due(now=THURSDAY + timedelta(hours=1)) == 0
    change_escalation(
        by=system.ada, version=2, ladder={**USUAL, "critical": (Rung(1, IN_CHARGE), Rung(2, Role.PROCUREMENT))}
    )
    assert climb_due(now=THURSDAY + timedelta(hours=2)) == 2 and told() == ["Marco", "Petra"]
    assert climb_due(now=THURSDAY + timedelta(hours=3)) == 0


def test_where_a_severity_has_no_rung_nobody_is_told(opened, system):
    opened(4)
    change_escalation(by=system.ada, version=1, ladder={**USUAL, "critical": ()})
    assert climb_due(now=THURSDAY + timedelta(hours=4)) == 1 and told() == []
    assert not Escalation.objects.exclude(due_at=None).exists()
    assert climb_due(now=THURSDAY + timedelta(days=9)) == 0


def test_what_had_no_rung_joins_a_ladder_that_gets_some_and_counts_from_then(opened, system):
    """Of hundreds that have been open for months nobody is told at once: each waits for the hours of its rung once more."""
    change_escalation(by=system.ada, version=1, ladder={**USUAL, "critical": ()})
    opened(4)
    assert climb_due(now=THURSDAY + timedelta(hours=1)) == 0
    rungs = (Rung(2, Role.PROCUREMENT), Rung(3, Role.ADMINISTRATOR))
    change_escalation(by=system.ada, version=2, ladder={**USUAL, "critical": rungs})
    monday = THURSDAY + timedelta(days=4)
    assert climb_due(now=monday) == 1 and told() == []
    assert climb_due(now=monday + timedelta(hours=1, minutes=59)) == 0
    assert climb_due(now=monday + timedelta(hours=2)) == 1 and told() == ["Petra"]
    assert climb_due(now=monday + timedelta(hours=2)) == 0, "the next rung counts from then, too"
    assert climb_due(now=monday + timedelta(hours=3)) == 1 and told() == ["Petra", "Ada"]
    assert "open since" in Event.objects.filter(kind="escalated").first().detail


def test_since_when_a_breach_is_open_is_a_day_of_its_contract(opened, books, system):
    """It opens on Thursday in London, which is Wednesday evening in Honolulu."""
    Contract.objects.filter(pk=books.contract.pk).update(timezone="Pacific/Honolulu")
    change_escalation(by=system.ada, version=1, ladder={**USUAL, "critical": ()})
    opened(4)
    change_escalation(by=system.ada, version=2, ladder={**USUAL, "critical": (Rung(2, Role.PROCUREMENT),)})
    assert climb_due(now=THURSDAY + timedelta(days=4)) == 1
    assert climb_due(now=THURSDAY + timedelta(days=5)) == 1
    assert "open since 15 May 2024" in Event.objects.get(kind="escalated").detail


def test_what_had_no_rung_and_opened_just_now_waits_for_no_longer_than_others(opened, system):
    change_escalation(by=system.ada, version=1, ladder={**USUAL, "critical": ()})
    opened(4)
    change_escalation(by=system.ada, version=2, ladder=USUAL)
    assert climb_due(now=THURSDAY + timedelta(hours=1)) == 1
    assert Escalation.objects.get().due_at == THURSDAY + timedelta(hours=4)


@pytest.mark.parametrize(
    ("rungs", "why"),
    [
        ((Rung(8, DEPUTY), Rung(8, DEPUTY)), "comes after the one before"),
        ((Rung(0, DEPUTY),), "from 1 to 2,000"),
        ((Rung(4, "auditor"),), "say who"),
        (tuple(Rung(one, DEPUTY) for one in range(1, 7)), "At most 5"),
    ],
)
def test_ladders_that_make_no_sense(system, rungs, why):
    with pytest.raises(RuleBroken, match=why):
        change_escalation(by=system.ada, version=1, ladder={**USUAL, "minor": rungs})


def test_the_ladder_is_typed_into_the_settings(cast, client_for, scope_of):
    ada = client_for(cast.ada)
    given = {"version": "1", "critical_deputy": "2"}
    html = ada.get("settings/").content.decode()
    assert 'name="critical_administrator" value="40"' in html
    later = {**given, "critical_in_charge": "2"}
    refused = ada.post("settings/escalation/", later)
    assert refused.status_code == 422 and "each rung comes after" in refused.content.decode()
    assert ada.post("settings/escalation/", given).status_code == 302
    assert ada.post("settings/escalation/", given).status_code == 409
    with scope_of(cast.aldermoor):
        stored = OrganisationSettings.objects.get()
        assert stored.escalation == {"critical": [[2, "deputy"]], "major": [], "minor": []}
        world = World(cast.corvid)
        Breach.objects.update(severity=Severity.CRITICAL)
    page = client_for(cast.marco).get(f"breaches/{world.breach.pk}/")
    assert [row[0] for row in page.context["ladder"]] == ["Deputy"]
