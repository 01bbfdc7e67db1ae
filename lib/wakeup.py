"""After a commit, let the workers know that an organisation has work to find.

A lost ring costs at most one beat (a minute), never a breach: the work itself is found by query.

Rings are numbered, for each task and organisation, and a worker that begins notes the last number that was given out: whatever was rung
for before that, it will see. So of sixty rings that wait one is answered and the others are void, however long they have waited and
whatever the machines' clocks say. The numbers are in Redis; where it does not know them, a ring is answered.
"""

import logging
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.pools import producers

from lib.redis_answers import ask

log = logging.getLogger(__name__)

WORK = "plumbline.work"
ACCOUNT_LETTERS = "plumbline.account_letters"
VERIFY_FILE = "plumbline.verify_file"
# Somebody waits for the page while the bell rings: one try, and a second for each answer of Redis. The workers' own connections
# are more patient; a ring over those once held a page for ten seconds.
PATIENCE = 1.0
PUBLISH_TIMEOUTS = {"max_retries": 0, "socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
LEASE = 60  # seconds; a seat is taken again before each step. Whose step takes longer works beside one more, which harms nothing
KEPT = 86_400  # seconds after the last ring: together, so that no number outlives the others of its organisation


def wake_workers(organisation_id: int) -> None:
    """Enqueue the organisation's work once the present transaction has committed. Never raises: Redis may be away."""
    transaction.on_commit(lambda: ring(WORK, organisation_id), robust=True)


def wake_workers_for(task: str) -> None:
    """The same for a task that is no organisation's."""
    transaction.on_commit(lambda: _send(task), robust=True)


def call_at_once(task: str, *ids: int | str) -> None:
    """Enqueue a task whatever becomes of the present transaction. Never raises."""
    _send(task, *ids)


def ring(task: str, organisation_id: int) -> None:
    """Enqueue a task of an organisation at once. Never raises."""
    key = _key(task, organisation_id)
    numbered = _ask(lambda client: client.pipeline().hincrby(key, "rung", 1).expire(key, KEPT).execute())
    _send(task, organisation_id, *numbered[:1] if numbered else ())


# What a worker asks -----------------------------------------------------------------------------------------------


def begin(task: str, organisation_id: int, number: int | None) -> bool:
    """Whether the ring with this number is still to be answered; False where a worker has begun since it was rung.

    To be asked before anything is read. A call without a number always is.
    """
    key = _key(task, organisation_id)
    rung, begun = (int(found or 0) for found in _ask(lambda client: client.hmget(key, "rung", "begun")) or (0, 0))
    if number is not None and begun >= number:
        return False
    _ask(lambda client: client.hset(key, "begun", rung))
    return True


def leave_note(organisation_id: int) -> None:
    """Ask whoever works for the organisation to ring once more when they are done: something was left to them."""
    _ask(lambda client: client.hset(_key(WORK, organisation_id), "again", 1))


def take_note(organisation_id: int) -> bool:
    """Whether somebody has left a note; it is taken off."""
    return bool(_ask(lambda client: client.hdel(_key(WORK, organisation_id), "again")))


# Seats ------------------------------------------------------------------------------------------------------------


def take_seat(organisation_id: int, worker: str, most: int) -> bool:
    """Whether this worker may work for the organisation: at most so many do at once, so that some are left to all others.

    A seat of a worker that was killed is free again after a lease. Where Redis cannot be asked, nobody is kept from working.
    """
    key = _key("seats", organisation_id)

    def seated(client: Any) -> int:
        now = client.time()[0]
        line = (
            client.pipeline()
            .zremrangebyscore(key, 0, now)
            .zadd(key, {worker: now + LEASE})
            .expire(key, LEASE)
            .zcard(key)
        )
        return int(line.execute()[-1])

    taken = _ask(seated)
    if taken is None or taken <= most:
        return True
    give_seat(organisation_id, worker)
    return False


def keep_seat(organisation_id: int, worker: str) -> None:
    """Say that the worker is still there: its lease begins again."""
    key = _key("seats", organisation_id)
    _ask(lambda client: client.pipeline().zadd(key, {worker: client.time()[0] + LEASE}).expire(key, LEASE).execute())


def give_seat(organisation_id: int, worker: str) -> None:
    """Let another worker have it."""
    _ask(lambda client: client.zrem(_key("seats", organisation_id), worker))


# Redis ------------------------------------------------------------------------------------------------------------


def _key(task: str, organisation_id: int) -> str:
    return f"rings:{task}:{organisation_id}"


def _ask(question: Callable[[Any], Any]) -> Any:
    return ask(question, seconds=PATIENCE)


def _send(task: str, *arguments: int | str) -> None:
    try:
        line = current_app.connection_for_write(transport_options=PUBLISH_TIMEOUTS)
        with producers[line].acquire(block=True, timeout=1) as producer:
            current_app.send_task(task, args=arguments, producer=producer, retry=False)
    except Exception as away:  # the broker's client raises many kinds; each means the same here
        log.warning("The bell did not ring for %s %s: %s. Beat will.", task, arguments, away)
