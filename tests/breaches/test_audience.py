"""Who is in charge of a contract is told; the deputy on days of absence; everybody of the role where nobody is in charge."""

from datetime import UTC, date, datetime, timedelta

import pytest

from breaches.actions import alert_due, open_due
from breaches.actions.audience import Audience
from contracts.models import Contract, Owner
from contracts.rules import Duty
from measurements.models import Submission
from notifications.models import Event, Notification
from organisations.models import Membership
from organisations.rules import Role
from tests.factories import contracts, evaluation, measurements
from tests.follow_up import once_judged

AFTER_DUE = datetime(2024, 5, 16, 8, tzinfo=UTC)
TODAY = AFTER_DUE.date()
APRIL = date(2024, 4, 1)
DAY = timedelta(days=1)


@pytest.fixture
def ben(system):
    """A second account manager; the person is made by the owner, since a scope sees no accounts."""
    return Membership.objects.create(user_id=system.otto.user_id, role=Role.ACCOUNT_MANAGER, name="Ben Deputy")


def names(ids):
    found = Membership.objects.in_bulk(ids)
    return [found[pk].name.split()[0] for pk in ids]


def late(books):
    """April was not reported: the names of those who are told of it."""
    missing = {"outcome": "not_measured", "value": None, "band": None, "band_outcome": None, "streak": 0}
    evaluation.result(books.terms, books.periods[0], **missing)
    once_judged(alert_due, now=AFTER_DUE)
    event = Event.objects.get(kind="late")
    return set(names([one.member_id for one in Notification.objects.filter(event=event)]))


def test_nobody_in_charge_as_ever(books, ben):
    assert late(books) == {"Marco", "Ben", "Vera", "Ravi"}


def test_who_is_in_charge_is_told_and_nobody_else(books, ben, system):
    contracts.owner(books.contract, ben)
    contracts.owner(books.contract, system.ravi)
    assert late(books) == {"Ben", "Ravi"}


def test_a_breach_is_told_to_who_is_in_charge(books, ben):
    contracts.owner(books.contract, ben)
    evaluation.result(books.terms, books.periods[0], streak=1)
    once_judged(open_due, now=AFTER_DUE)
    event = Event.objects.get(kind="breach")
    assert set(names([one.member_id for one in Notification.objects.filter(event=event)])) == {"Ben", "Vera", "Ravi"}


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [(-3, -1, "Marco"), (-1, 0, "Ben"), (0, 0, "Ben"), (0, 5, "Ben"), (1, 5, "Marco")],
)
def test_the_deputy_is_told_on_days_of_absence(first, last, told, books, ben, system):
    contracts.owner(books.contract, system.marco)
    days = {"starts_on": TODAY + first * DAY, "ends_on": TODAY + last * DAY}
    contracts.owner(books.contract, ben, is_deputy=True, **days)
    assert names(Audience({books.contract.pk}, AFTER_DUE).staff(books.contract.pk)) == [told]


@pytest.mark.parametrize(
    ("zone", "hour", "told"),
    [
        ("Asia/Tokyo", 14, "Marco"),  # 23:00 on the day before
        ("Asia/Tokyo", 15, "Ben"),  # midnight: the first day of the absence
        ("America/New_York", 15, "Marco"),
        ("Pacific/Auckland", 12, "Ben"),
    ],
)
def test_absence_is_in_days_of_the_contract(zone, hour, told, books, ben, system):
    Contract.objects.filter(pk=books.contract.pk).update(timezone=zone)
    contracts.owner(books.contract, system.marco)
    contracts.owner(books.contract, ben, is_deputy=True, starts_on=date(2024, 5, 17), ends_on=date(2024, 5, 17))
    now = datetime(2024, 5, 16, hour, tzinfo=UTC)
    assert names(Audience({books.contract.pk}, now).staff(books.contract.pk)) == [told]


def test_who_cannot_act_any_more_is_passed_over(books, ben, system):
    contracts.owner(books.contract, system.marco)
    contracts.owner(books.contract, ben, is_deputy=True, starts_on=TODAY, ends_on=TODAY)

    def told():
        return names(Audience({books.contract.pk}, AFTER_DUE).staff(books.contract.pk))

    Membership.objects.filter(pk=ben.pk).update(is_active=False)
    assert told() == ["Marco"]
    Membership.objects.filter(pk=ben.pk).update(is_active=True)
    Owner.objects.filter(is_deputy=True).delete()
    Membership.objects.filter(pk=system.marco.pk).update(role=Role.AUDITOR)
    assert told() == ["Ben"]


def test_each_duty_by_itself(books, ben, system):
    roles = (Role.ACCOUNT_MANAGER, Role.PROCUREMENT)
    contracts.owner(books.contract, ben)
    other = contracts.contract(system.corvid)
    audience = Audience({books.contract.pk, other.pk}, AFTER_DUE)
    assert names(audience.staff(books.contract.pk, roles)) == ["Ben", "Petra"]
    assert set(names(audience.staff(other.pk, roles))) == {"Marco", "Ben", "Petra"}


def test_somebody_else_decides_on_what_the_one_in_charge_did(books, ben, system):
    contracts.owner(books.contract, system.marco)
    audience = Audience({books.contract.pk}, AFTER_DUE)
    assert names(audience.staff(books.contract.pk)) == ["Marco"]
    assert names(audience.staff(books.contract.pk, but=system.marco.pk)) == ["Ben"]
    measurements.submission(books.contract, APRIL, by=system.marco, submitted_at=AFTER_DUE)
    assert Submission.objects.get().status == "submitted"
    once_judged(alert_due, now=AFTER_DUE)
    assert names([one.member_id for one in Notification.objects.filter(event__kind="approval")]) == ["Ben"]


def test_the_vendor_s_contact_is_told_for_the_vendor(books, system):
    contracts.owner(books.contract, system.ravi, duty=Duty.VENDOR_CONTACT)
    audience = Audience({books.contract.pk}, AFTER_DUE)
    assert names(audience.vendor(books.contract.pk, system.corvid.pk)) == ["Ravi"]
    assert names(audience.both(books.contract.pk, system.corvid.pk)) == ["Marco", "Ravi"]
