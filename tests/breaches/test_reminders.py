"""Reminders of figures: before, on and after the due day by the contract's calendar, to more people each time, once a day."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail

from breaches.actions import remind_due
from config import tasks
from contracts.models import Contract
from measurements.actions import import_figures, return_
from notifications.actions import deliver
from notifications.models import Event, Notification
from slas.actions import import_contract
from tests.cast import Cast
from tests.factories import contracts as make
from tests.markup import tight
from tests.measurements.reporting import csv
from tests.slas.contract_texts import document, level, text

# April is due on Wed 15 May 2024 in London, by UK working days.
MORNING = datetime(2024, 5, 13, 7, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def morning(clock: Callable) -> None:
    clock(MORNING)


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    return enter(cast, scope_of, "MSA-1")


def enter(cast: Cast, scope_of: Callable, reference: str) -> Contract:
    given = document(service_levels=[level()])
    given["contract"] |= {"reference": reference}
    with scope_of(cast.aldermoor):
        made = import_contract(by=None, source=text(given))
        Contract.objects.filter(pk=made.pk).update(created_at=datetime(2024, 3, 1, tzinfo=UTC))
    return made


@pytest.fixture
def run(cast: Cast, scope_of: Callable) -> Callable[..., int]:
    def ran(day: int, hour: int = 7, minute: int = 30, month: int = 5) -> int:
        with scope_of(cast.aldermoor):
            return remind_due(now=datetime(2024, month, day, hour, minute, tzinfo=UTC))

    return ran


def told(cast: Cast, scope_of: Callable) -> list[tuple[str, set[str]]]:
    """Title and who got it, the latest last."""
    with scope_of(cast.aldermoor):
        return [
            (one.title, set(one.notifications.values_list("member__name", flat=True)))
            for one in Event.objects.filter(kind="reminder").order_by("pk")
        ]


def test_it_climbs_from_who_is_in_charge_to_the_deputy_and_the_account_manager(
    cast: Cast, scope_of: Callable, agreed: Contract, run: Callable
) -> None:
    with scope_of(cast.aldermoor):
        make.owner(agreed, cast.vera, duty="vendor_contact")
        make.owner(
            agreed,
            cast.ravi,
            duty="vendor_contact",
            is_deputy=True,
            starts_on=date(2024, 4, 1),
            ends_on=date(2024, 4, 5),
        )
        make.owner(agreed, cast.marco, duty="account_manager")
    ran = {day: run(day) for day in range(9, 22)}
    assert [day for day, count in ran.items() if count] == [13, 15, 17]
    assert told(cast, scope_of) == [
        ("April 2024 figures are due soon", {"Vera Novak"}),
        ("April 2024 figures are due today", {"Vera Novak", "Ravi Menon"}),
        ("April 2024 figures are still missing", {"Vera Novak", "Ravi Menon", "Marco Bellini"}),
    ]
    with scope_of(cast.aldermoor):
        detail = Event.objects.filter(kind="reminder").latest("pk").detail
    assert "1 of 1 service levels missing" in detail and "due Wed 15 May 2024" in detail


def test_once_a_day_and_not_before_the_morning(cast: Cast, scope_of: Callable, agreed: Contract, run: Callable) -> None:
    assert run(13, hour=6, minute=59) == 0
    assert (run(13, hour=7, minute=0), run(13, hour=8), run(13, hour=23)) == (1, 0, 0)


def test_what_was_handed_over_is_not_reminded_of_and_what_was_returned_is(
    cast: Cast, scope_of: Callable, agreed: Contract, run: Callable, clock: Callable
) -> None:
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    assert run(13) == 0
    with scope_of(cast.marco):
        due = return_(by=cast.marco, submission=made, reason="York is missing", now=MORNING).due_again_on
    assert run(due.day, month=due.month) == 1
    assert told(cast, scope_of)[-1][0] == "April 2024 figures are due today"


def test_what_was_due_before_the_contract_was_kept_here_is_nobodys_fault(
    cast: Cast, scope_of: Callable, agreed: Contract, run: Callable
) -> None:
    with scope_of(cast.aldermoor):
        Contract.objects.update(created_at=datetime(2024, 5, 16, tzinfo=UTC))
    assert run(17) == 0


def test_all_of_a_day_is_one_letter(
    cast: Cast, scope_of: Callable, agreed: Contract, run: Callable, settings: Any
) -> None:
    enter(cast, scope_of, "MSA-2")
    settings.MAIL_PAUSE_SECONDS = 0
    assert run(13) == 2
    with scope_of(cast.aldermoor):
        assert Notification.objects.filter(member=cast.vera, event__kind="reminder").count() == 2
    deliver(scope=lambda: scope_of(cast.aldermoor), clock=lambda: MORNING)
    letters = [one for one in mail.outbox if one.to == [cast.vera.email]]
    assert len(letters) == 1 and "and 1 more" in letters[0].subject


def test_the_client_sees_who_was_reminded_of_what_and_when(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, run: Callable
) -> None:
    with scope_of(cast.aldermoor):
        make.owner(agreed, cast.vera, duty="vendor_contact")
    run(13)
    page = tight(client_for(cast.marco).get("month/?period=2024-04&owner=all").content.decode())
    assert "Vera Novak reminded" in page and "by itself: April 2024 figures are due soon" in page


def test_the_tick_asks_for_it_once_an_hour(cast: Cast, clock: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tasks.remind, "apply_async", lambda args, **_: asked.append(args[0]))
    tasks.tick()
    tasks.tick()
    assert sorted(asked) == sorted([cast.aldermoor.pk, cast.brightwater.pk])
