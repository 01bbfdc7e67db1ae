"""Is it alive, is it ready, and does the work get done: for load balancers, containers and people on duty.

`live` says that the process answers. `ready` says that it can serve: database, migrations, walls; Redis is never a reason not to
serve, pages and saved work do without it. `queue` says how many tasks wait, and fails where Redis is away.
"""

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from organisations import row_security
from organisations.access import open_to_all

log = logging.getLogger(__name__)

CACHED_FOR = 60  # seconds; comparing the catalogue with the models takes a while
REDIS_TIMEOUT = 2  # seconds that Redis may take


@open_to_all
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@open_to_all
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 with `ok` or `degraded`, 503 with `failed`; which part it is, and nothing about why: that is in the log."""
    parts = {"database": _said(database), "redis": _said(broker)}
    if parts["database"] == "ok":
        parts |= {"migrations": _cached("migrations", migrations), "walls": _cached("walls", no_drift)}
    failed = any(state == "failed" for name, state in parts.items() if name != "redis")
    status = "failed" if failed else "degraded" if parts["redis"] == "failed" else "ok"
    return JsonResponse({"status": status, **parts}, status=503 if failed else 200)


@open_to_all
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """How many tasks wait in Redis. 503 where Redis cannot be asked: until it is back, work starts with nobody."""
    try:
        with _redis() as client:
            waiting = client.llen("celery")
    except redis.RedisError as away:
        log.warning("Redis cannot be asked: %s", away)
        return JsonResponse({"status": "failed", "redis": "failed"}, status=503)
    return JsonResponse({"status": "ok", "redis": "ok", "waiting": waiting})


# The checks: True where it is as it should be; whatever they raise is a no. -----------------------------------------


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def migrations() -> bool:
    """Whether every migration has been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def no_drift() -> bool:
    """Whether roles, row security, keys and triggers are what the models say."""
    with connection.cursor() as cursor:
        differences = row_security.drift(cursor)
    for difference in differences:
        log.error("Walls: %s", difference)
    return not differences


def broker() -> bool:
    with _redis() as client:
        return bool(client.ping())


def _redis() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)


def _said(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "failed"
    except (DatabaseError, redis.RedisError, OSError) as failure:
        log.warning("Not ready, %s: %s", check.__name__, failure)
        return "failed"


def _cached(name: str, check: Callable[[], bool]) -> str:
    """A check that is asked once a minute. A no is asked again at once, so that recovery needs no patience."""
    key = f"health:{name}"
    if cache.get(key) == "ok":
        return "ok"
    state = _said(check)
    if state == "ok":
        cache.set(key, state, CACHED_FOR)
    return state
