"""Is it alive, is it ready, and does the work get done: for load balancers, containers and people on duty.

`live` says that the process answers. `ready` says that it can serve: database, migrations, walls; Redis is never a reason not to
serve, pages and saved work do without it. `queue` says how many calls wait, and fails where they would wait for ever.
"""

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lib import clock
from lib.postgres import describe_too_old, server_version
from organisations import heartbeats, row_security
from organisations.access import open_to_all

log = logging.getLogger(__name__)

CACHED_FOR = 60  # seconds; comparing the catalogue with the models takes a while
REDIS_TIMEOUT = 2  # seconds that Redis may take
SECONDS_APART = 30  # as much as two clocks may differ
MISSED_TICKS = 5  # so many in a row are a silence
NEEDED = ("database", "migrations", "walls")  # without these a process cannot serve
TICK, MAIL = "tick", "mail"
WRITTEN = "health:written"
QUEUES = [queue.name for queue in settings.CELERY_TASK_QUEUES]


@open_to_all
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@open_to_all
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 with `ok` or `degraded`, 503 with `failed`; which part it is, and nothing about why: that is in the log.

    What this process cannot serve without fails. Redis, work that nobody does, a clock of its own that is wrong, and what a newer release
    has added only degrade.
    A server that is too old, which no waiting mends, is named.
    """
    parts = {"database": _said(database), "redis": _said(broker)}
    if parts["database"] == "ok" and (too_old := describe_too_old(server_version(connection))):
        log.error("Not ready: %s", too_old)
        parts |= {"database": "failed", "reason": too_old}
    if parts["database"] == "ok":
        parts |= {"migrations": _cached("migrations", migrations), "walls": _cached("walls", no_drift)}
        parts |= {"extra": _cached("extra", nothing_extra), "work": _said(work_is_done), "clock": _said(clock_is_right)}
    failed = any(parts.get(name) == "failed" for name in NEEDED)
    status = "failed" if failed else "degraded" if "failed" in parts.values() else "ok"
    return JsonResponse({"status": status, **parts}, status=503 if failed else 200)


@open_to_all
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """How many calls wait in each queue, and how many seconds ago a worker took the last tick, and a call from the queue of letters.

    503 where Redis cannot be asked or is full, where beat is silent, or where nobody takes a queue: work starts with nobody, then. How much
    there is to do is nobody's business but of those who look after it: without MONITORING_TOKEN there is nothing here.
    """
    if not _may_monitor(request):
        raise Http404("No token, or not the right one.")
    waiting: dict[str, int | None] = dict.fromkeys(QUEUES)
    try:
        with _redis() as client:
            client.set(WRITTEN, 1, ex=CACHED_FOR)
            waiting = {name: client.llen(name) for name in QUEUES}
    except redis.RedisError as away:
        log.warning("Redis cannot be asked, or takes nothing: %s", away)
    ages = _ages()
    parts = {
        "redis": "failed" if None in waiting.values() else "ok",
        "beat": "failed" if _silent(ages.get(TICK)) else "ok",  # or nobody takes its calls
        "mail": "failed" if _silent(ages.get(MAIL)) else "ok",
    }
    seconds = {"tick_seconds_ago": _whole(ages.get(TICK)), "mail_seconds_ago": _whole(ages.get(MAIL))}
    failed = "failed" in parts.values()
    answer = {"status": "failed" if failed else "ok", **parts, "waiting": waiting, **seconds}
    return JsonResponse(answer, status=503 if failed else 200)


def _may_monitor(request: HttpRequest) -> bool:
    """Whether the request carries the token. Outside production none is needed as long as none is set."""
    wanted: str = settings.MONITORING_TOKEN
    if not wanted:
        return not settings.PRODUCTION
    return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {wanted}")


# The checks: True where it is as it should be; whatever they raise is a no. -----------------------------------------


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def clock_is_right() -> bool:
    """Whether this process's clock is that of the database, which decides what is late: by it pages say what is due."""
    apart = (timezone.now() - clock.database_now()).total_seconds()
    if abs(apart) > SECONDS_APART:
        log.error("The clock of this process is %d seconds ahead of the database's.", apart)
    return abs(apart) <= SECONDS_APART


def migrations() -> bool:
    """Whether every migration has been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def no_drift() -> bool:
    """Whether roles, row security, keys and triggers that the models ask for are there as they say."""
    with connection.cursor() as cursor:
        differences = row_security.lacking(cursor)
    for difference in differences:
        log.error("Walls: %s", difference)
    return not differences


def nothing_extra() -> bool:
    """Whether nothing is there that this release does not know. During an upgrade it is what the newer one has added."""
    with connection.cursor() as cursor:
        differences = row_security.unknown(cursor)
    for difference in differences:
        log.warning("Walls, unknown to this release: %s", difference)
    return not differences


def work_is_done() -> bool:
    """Whether beat is heard of and each queue is taken."""
    ages = _ages()
    silent = [name for name in (TICK, MAIL) if _silent(ages.get(name))]
    for name in silent:
        log.warning("Nothing was heard of %s for %s seconds.", name, _whole(ages.get(name)))
    return not silent


def _ages() -> dict[str, float]:
    try:
        return heartbeats.ages()
    except DatabaseError as away:
        log.warning("The signs of life cannot be read: %s", away)
        return {}


def _silent(age: float | None) -> bool:
    return age is None or age > MISSED_TICKS * settings.TICK_SECONDS


def _whole(age: float | None) -> int | None:
    return None if age is None else round(age)


def broker() -> bool:
    """Whether Redis takes something: one that is full answers, too."""
    with _redis() as client:
        return bool(client.set(WRITTEN, 1, ex=CACHED_FOR))


def _redis() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)


def _said(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "failed"
    except (DatabaseError, redis.RedisError, OSError) as failure:
        log.warning("Not ready, %s: %s", check.__name__, failure)
        return "failed"


def _cached(name: str, check: Callable[[], bool]) -> str:
    """A check that is asked once a minute. A no to what is needed is asked again at once, so that recovery needs no patience."""
    key = f"health:{name}"
    state: str | None = caches["process"].get(key)
    if state is None:
        state = _said(check)
        if state == "ok" or name not in NEEDED:
            caches["process"].set(key, state, CACHED_FOR)
    return state
