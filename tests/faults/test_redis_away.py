"""Redis away, frozen and emptied: people's writes are taken all the same, and their consequences come with the next beat."""

import os
import signal
import time

import redis

from tests.faults.conftest import AWAY


def test_people_do_not_notice(firm, servers, processes, visitor, all_done, must_hold):
    marco = visitor(firm.cast.marco)
    started = [*processes.started, processes.worker(), processes.beat()]
    all_done()
    waiting = iter(firm.waiting(firm.cast.aldermoor))
    for fault in (frozen, emptied, away):
        took = fault(servers, marco, waiting)
        began = time.monotonic()
        must_hold(marco)
        print(
            f"Redis {fault.__name__}: acceptances took",
            *(f"{seconds:.2f} s," for seconds in took),
            f"all work was done {time.monotonic() - began:.1f} s after it was back.",
        )
    assert not any(child.gone for child in started)


def accept(marco, waiting):
    answer = marco.accept(next(waiting).pk)
    assert answer.status == 302
    return answer.seconds


def frozen(servers, marco, waiting):
    """It takes connections and answers nothing, the hardest way to be away: a page that waited for it would not come within the
    30 seconds that a visitor waits.
    """
    process = servers.pair.redis.process.pid
    os.kill(process, signal.SIGSTOP)
    try:
        return [accept(marco, waiting) for _ in range(2)]
    finally:
        os.kill(process, signal.SIGCONT)


def emptied(servers, marco, waiting):
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushall()
        first = accept(marco, waiting)
        client.flushall()
    return [first, accept(marco, waiting)]


def away(servers, marco, waiting):
    """Stopped; when it is back it has forgotten everything."""
    servers.redis_away()
    until = time.monotonic() + AWAY
    took = [accept(marco, waiting) for _ in range(3)]
    assert marco.ask("portfolio/").status == 200
    assert marco.ask("api/v1/contracts/").status == 200
    ready = marco.ask("/healthz/ready")
    assert (ready.status, '"degraded"' in ready.text) == (200, True)
    time.sleep(max(0, until - time.monotonic()))
    servers.redis_back()
    return took
