"""What rings for the workers: sixty saves are one run, and a large organisation gives its workers back after each share."""

import base64
import json
from collections import deque

import pytest
import redis

from config import tasks
from contracts.models import Reevaluation
from evaluation import actions, follow_up
from lib import wakeup
from lib.wakeup import WORK
from slas.actions import import_contract
from tests.work.conftest import CONTRACT, TODAY


@pytest.fixture
def waiting(redis_url):
    """`waiting()`: the arguments of each call that waits in the workers' queue; they are taken off."""

    def found():
        calls = []
        with redis.Redis.from_url(redis_url) as client:
            while message := client.rpop("celery"):
                body = json.loads(message)
                calls.append(json.loads(_decoded(body))[0])
        return calls

    return found


def _decoded(message):

    return base64.b64decode(message["body"])


@pytest.fixture
def runs(monkeypatch):
    """The organisations that were worked for, once for each run."""
    seen = []
    monkeypatch.setattr(tasks, "STEPS", (seen.append,))
    return seen


def test_sixty_saves_are_one_run(cast, waiting, runs):
    for _ in range(60):
        wakeup.ring(WORK, cast.aldermoor.pk)
    wakeup.ring(WORK, cast.brightwater.pk)
    calls = waiting()
    assert len(calls) == 61
    for call in calls:
        tasks.work(*call)
    assert runs == [cast.aldermoor.pk, cast.brightwater.pk]


def test_what_is_rung_after_a_run_has_begun_is_answered(cast, waiting, monkeypatch):
    """It may be for something that the run has read already."""
    seen = []

    def step(organisation_id):
        seen.append(organisation_id)
        if len(seen) == 1:
            wakeup.ring(WORK, organisation_id)

    monkeypatch.setattr(tasks, "STEPS", (step,))
    wakeup.ring(WORK, cast.aldermoor.pk)
    for _ in range(3):
        for call in waiting():
            tasks.work(*call)
    assert seen == [cast.aldermoor.pk] * 2


def test_a_ring_is_answered_although_redis_has_forgotten_its_number(cast, waiting, runs, redis_url):
    wakeup.ring(WORK, cast.aldermoor.pk)
    wakeup.ring(WORK, cast.aldermoor.pk)
    calls = waiting()
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    tasks.work(*calls[0])
    wakeup.ring(WORK, cast.aldermoor.pk)  # its number is the first again
    for call in waiting():
        tasks.work(*call)
    assert runs == [cast.aldermoor.pk] * 2


def test_without_redis_every_call_is_answered(cast, runs, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    tasks.work(cast.aldermoor.pk, 1)
    tasks.work(cast.aldermoor.pk, 1)
    assert runs == [cast.aldermoor.pk] * 2


# Shares -----------------------------------------------------------------------------------------------------------


def to_judge(scope_of, organisation):
    with scope_of(organisation):
        return Reevaluation.objects.exclude(from_on=None).count()


def test_between_two_shares_everybody_else_has_a_turn(desk, cast, scope_of, monkeypatch, redis_url):
    """A run judges one share and asks for the next at the end of the queue; the worker is free for whoever waits there."""
    with scope_of(cast.aldermoor):
        for number in range(4):
            import_contract(by=None, source=CONTRACT.replace("MSA-2024-017", f"MSA-{number}"))
    with scope_of(cast.brightwater):
        import_contract(by=None, source=CONTRACT)
    queue = deque([cast.aldermoor.pk, cast.brightwater.pk])
    monkeypatch.setattr(tasks, "SHARE", 1)
    monkeypatch.setattr(tasks, "wake_workers", lambda organisation: organisation in queue or queue.append(organisation))
    left = []
    while queue:
        tasks.work(queue.popleft())
        left.append((to_judge(scope_of, cast.aldermoor), to_judge(scope_of, cast.brightwater)))
    assert left[:3] == [(4, 1), (4, 0), (3, 0)]
    assert left[-1] == (0, 0)


def test_one_organisation_never_holds_all_workers(cast, waiting, monkeypatch, redis_url, settings):
    """With two workers and one of them at a time for an organisation, the second finds no seat, leaves, and is followed up."""
    settings.WORKERS_PER_ORGANISATION = 1
    seen = []

    def step(organisation):
        seen.append(organisation)
        if len(seen) == 1:  # another worker takes a call for each while this one works
            wakeup.ring(WORK, cast.aldermoor.pk)
            wakeup.ring(WORK, cast.brightwater.pk)
            for call in waiting():
                tasks.work(*call)

    monkeypatch.setattr(tasks, "STEPS", (step,))
    tasks.work(cast.aldermoor.pk)
    assert seen == [cast.aldermoor.pk, cast.brightwater.pk]
    assert [call[0] for call in waiting()] == [cast.aldermoor.pk]


def test_the_seat_of_a_killed_worker_is_free_after_a_lease(cast, monkeypatch, redis_url):
    monkeypatch.setattr(wakeup, "LEASE", 0)
    assert wakeup.take_seat(cast.aldermoor.pk, "killed", 1)
    assert wakeup.take_seat(cast.aldermoor.pk, "next", 1)
    monkeypatch.undo()
    assert wakeup.take_seat(cast.brightwater.pk, "works", 1)
    assert not wakeup.take_seat(cast.brightwater.pk, "comes", 1)
    wakeup.give_seat(cast.brightwater.pk, "works")
    assert wakeup.take_seat(cast.brightwater.pk, "comes", 1)


def test_a_share_is_cut_by_slots_too(desk, cast, scope_of):
    """Four slots each, April to July; a contract with more than a share has one for itself."""
    with scope_of(cast.aldermoor):
        for number in range(4):
            import_contract(by=None, source=CONTRACT.replace("MSA-2024-017", f"MSA-{number}"))
        assert actions.judge_share(now=TODAY, slots=9) == (2, True)
        assert actions.judge_share(now=TODAY, slots=1) == (1, True)
        assert actions.judge_share(now=TODAY, slots=9) == (2, False)
        assert actions.judge_share(now=TODAY) == (0, False)


def test_what_follows_from_judgements_comes_in_shares_too(desk, cast, scope_of, monkeypatch):
    """Breaches, postings and alerts: four results each, and one contract with more than a share has one for itself."""
    with scope_of(cast.aldermoor):
        for number in range(4):
            import_contract(by=None, source=CONTRACT.replace("MSA-2024-017", f"MSA-{number}"))
        actions.judge_due(now=TODAY)
        assert len(follow_up.judged_since("post", now=TODAY)) == 5
        shares = {}
        for results in (9, 1):
            monkeypatch.setattr(follow_up, "RESULTS_AT_ONCE", results)
            shares[results] = list(follow_up.judged_since("post", now=TODAY))
    assert {results: len(share) for results, share in shares.items()} == {9: 2, 1: 1}
    for step in (tasks.open_breaches, tasks.post, tasks.alert):
        calls: list[int] = []
        monkeypatch.setattr(tasks, "wake_workers", calls.append)
        for _ in range(5):
            step(cast.aldermoor.pk)
        assert calls == [cast.aldermoor.pk] * 4, "All but the last share ask for the next."
