"""Figures that nobody decides on."""

from datetime import UTC, datetime, timedelta

import pytest

from breaches.actions import alert_due
from contracts.models import Contract
from disputes.actions import accept_due, dispute
from measurements.actions import return_
from measurements.models import Submission
from notifications.models import Event
from tests.disputes.conftest import MAY
from tests.disputes.test_disputes import WHY
from tests.factories.organisations import settings

JUNE = datetime(2024, 6, 10, 9, tzinfo=UTC)  # a Monday


@pytest.fixture
def waiting(cast, world, clock, scope_of):
    """May's figures, submitted on 10 June under a contract that accepts after five working days."""
    with scope_of(cast.aldermoor):
        Contract.objects.filter(pk=world.contract.pk).update(accept_after=5)
    clock(JUNE)
    (made,) = world.report("SL-01,2024-05-01,97,100")
    return made


@pytest.fixture
def run(cast, scope_of):
    def accepted(now):
        with scope_of(cast.aldermoor):
            return accept_due(now=now)

    return accepted


def status(cast, scope_of, of):
    with scope_of(cast.aldermoor):
        found = Submission.objects.get(pk=of.pk)
        return found.status, found.decided_by_name


def test_they_are_accepted_once_the_days_are_over_and_only_once(cast, waiting, run, scope_of):
    assert run(JUNE.replace(day=17)) == 0  # the fifth working day
    after = JUNE.replace(day=18)
    assert (run(after), run(after)) == (1, 0)
    assert status(cast, scope_of, waiting) == ("accepted", "")


def test_what_was_returned_does_not_wait(cast, waiting, run, by, scope_of):
    by(cast.marco, return_, submission=waiting, reason="Count again.")
    assert run(JUNE + timedelta(days=60)) == 0
    assert status(cast, scope_of, waiting)[0] == "returned"


def test_a_disputed_month_waits_for_its_ruling(cast, world, clock, by, run, scope_of):
    with scope_of(cast.aldermoor):
        Contract.objects.filter(pk=world.contract.pk).update(accept_after=5)
    (correction,) = world.report("SL-01,2024-04-01,97,100", reason="Counted again")
    by(cast.vera, dispute, result=world.result(), **WHY)
    assert run(MAY + timedelta(days=60)) == 0
    assert status(cast, scope_of, correction)[0] == "submitted"


def test_a_contract_that_does_not_say_so_waits_for_ever(cast, world, run, scope_of):
    (made,) = world.report("SL-01,2024-05-01,97,100")
    assert run(MAY + timedelta(days=600)) == 0
    assert status(cast, scope_of, made)[0] == "submitted"


def test_it_counts_from_the_end_of_a_month_that_still_runs(cast, world, clock, run, scope_of):
    with scope_of(cast.aldermoor):
        Contract.objects.filter(pk=world.contract.pk).update(accept_after=5, submit_early=True)
    world.report("SL-01,2024-05-01,97,100")  # on 20 May
    assert (run(JUNE.replace(day=7)), run(JUNE.replace(day=8))) == (0, 1)


def test_it_is_said_beforehand_on_the_page_and_in_the_mail(cast, world, waiting, client_for, scope_of):
    for member in (cast.vera, cast.marco):
        page = " ".join(client_for(member).get(f"submissions/{waiting.pk}/").content.decode().split())
        assert "Without a decision by 17 Jun 2024 they are accepted by themselves." in page
    with scope_of(cast.aldermoor):
        alert_due(now=JUNE)
        assert (
            "accepted by itself after Mon 17 Jun 2024 BST"
            in Event.objects.get(title="May 2024 figures to accept").detail
        )


def test_where_the_contract_is_silent_the_organisation_s_days_count_and_both_sides_are_told(
    cast, waiting, run, scope_of, client_for
):
    with scope_of(cast.aldermoor):
        Contract.objects.update(accept_after=None)
    assert run(JUNE.replace(day=30)) == 0
    with scope_of(cast.aldermoor):
        settings(accept_after=5)
        alert_due(now=JUNE + timedelta(minutes=1))
        detail = Event.objects.get(key__startswith=f"submission:{waiting.pk}:submitted").detail
    assert "accepted by itself after Mon 17 Jun 2024 BST" in detail
    for who in (cast.marco, cast.vera):
        body = " ".join(client_for(who).get(f"submissions/{waiting.pk}/").content.decode().split())
        assert "Without a decision by 17 Jun 2024 they are accepted by themselves" in body
    assert (run(JUNE.replace(day=17)), run(JUNE.replace(day=18))) == (0, 1)
