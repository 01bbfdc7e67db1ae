"""Redis, asked by those who can do without its answer."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
from django.conf import settings

log = logging.getLogger(__name__)


def ask(question: Callable[[Any], Any], *, seconds: float) -> Any:
    """Redis's answer; None where it is away or full, or takes longer than so many seconds."""
    try:
        return question(_client(settings.REDIS_URL, seconds))
    except redis.RedisError as away:
        log.warning("Redis does not answer: %s", away)
        return None


@cache
def _client(url: str, seconds: float) -> Any:
    return redis.Redis.from_url(url, socket_connect_timeout=seconds, socket_timeout=seconds)
