"""Many rows moved at once: only those that the table lets go, whatever they were when they were found."""

from datetime import UTC, datetime

import pytest

from breaches.models import Breach
from breaches.rules import TRANSITIONS, Status
from lib.transitions import move_all, sources
from tests.books import Books
from tests.factories import breaches

NOON = datetime(2024, 7, 15, 12, tzinfo=UTC)


@pytest.fixture
def breach_in(system):
    """`breach_in(status)`: each in a period of its own."""
    books = Books(system.corvid, months=len(Status))
    periods = iter(books.periods)
    return lambda status: breaches.breach(books.terms.service_level, next(periods), status=status)


def test_what_the_table_does_not_let_go_stays(breach_in):
    before = {breach_in(status).pk: status for status in Status}
    assert move_all(Breach.objects.all(), Status.RESTATED, TRANSITIONS, opened_at=NOON) == 7
    stays = (Status.EXCUSED, Status.RESTATED)
    after = {pk: status if status in stays else Status.RESTATED for pk, status in before.items()}
    assert dict(Breach.objects.values_list("pk", "status")) == after
    assert Breach.objects.filter(opened_at=NOON).count() == 7


def test_who_was_faster_keeps_what_was_done(breach_in):
    found = Breach.objects.filter(pk__in=[breach_in(Status.OPEN).pk])
    Breach.objects.update(status=Status.EXCUSED)
    assert move_all(found, Status.RESTATED, TRANSITIONS) == 0
    assert found.get().status == Status.EXCUSED


def test_where_a_state_comes_from():
    assert sources(Status.OPEN, TRANSITIONS) == [Status.ACKNOWLEDGED, Status.RESTATED]
    assert sources(Status.VERIFIED, TRANSITIONS) == [Status.PLAN]
