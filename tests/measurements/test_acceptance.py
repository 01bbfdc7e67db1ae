"""Figures that are accepted by themselves: after the working days that were agreed, and said beforehand."""

from datetime import UTC, datetime

import pytest

from config.due import work_is_due
from measurements.actions import accept_due, return_, submit
from measurements.models import Submission
from measurements.rules import Status
from tests.factories import organisations as make

THURSDAY = datetime(2024, 5, 16, 16, tzinfo=UTC)  # three working days later it is Tuesday, 21 May
TUESDAY, WEDNESDAY = datetime(2024, 5, 21, 20, tzinfo=UTC), datetime(2024, 5, 22, 1, tzinfo=UTC)


@pytest.fixture
def waits(cast, scope_of, draft):
    with scope_of(cast.vera):
        return submit(by=cast.vera, submission=draft, now=THURSDAY)


@pytest.fixture
def ran(cast, scope_of, waits):
    """`ran(now)`: how many the step accepts, and the submission as it is then."""

    def step(now):
        with scope_of(cast.aldermoor):
            count = accept_due(now=now)
            return count, Submission.objects.get(pk=waits.pk)

    return step


def test_after_the_contract_s_days(cast, scope_of, waits, ran):
    with scope_of(cast.aldermoor):
        type(waits.contract).objects.filter(pk=waits.contract_id).update(accept_after=3)
        make.settings(accept_after=1)  # the contract has its own
    assert ran(TUESDAY) == (0, waits)
    count, found = ran(WEDNESDAY)
    assert (count, found.status, found.decided_by, found.decided_by_name) == (1, Status.ACCEPTED, None, "")
    assert ran(WEDNESDAY)[0] == 0


def test_after_the_organisation_s_days_where_the_contract_has_none(cast, scope_of, waits, ran):
    assert ran(WEDNESDAY)[0] == 0
    with scope_of(cast.aldermoor):
        make.settings(accept_after=3)
        assert work_is_due(now=WEDNESDAY)
    assert ran(TUESDAY)[0] == 0
    assert ran(WEDNESDAY)[0] == 1


def test_what_was_decided_stays(cast, scope_of, waits, ran):
    with scope_of(cast.marco):
        make.settings(accept_after=3)
        return_(by=cast.marco, submission=waits, reason="Check April.", now=TUESDAY)
    count, found = ran(WEDNESDAY)
    assert (count, found.status) == (0, Status.RETURNED)


def test_both_sides_are_told_beforehand(cast, scope_of, client_for, waits):
    path = f"submissions/{waits.pk}/"
    for who in (cast.marco, cast.vera):
        assert "accepted by themselves" not in client_for(who).get(path).content.decode()
    with scope_of(cast.aldermoor):
        make.settings(accept_after=3)
    for who in (cast.marco, cast.vera):
        body = " ".join(client_for(who).get(path).content.decode().split())
        assert '<span class="strong">21 May 2024</span>: then they are accepted by themselves' in body
