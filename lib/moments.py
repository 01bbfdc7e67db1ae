"""What was true a moment ago, for all web processes: kept in Redis for less than a second, or for as long as somebody is there.

Nothing depends on it: where Redis is away, or has forgotten, everything is found out again.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lib.redis_answers import ask

PATIENCE = 0.2  # seconds: a page waits for the answer


def keep(key: str, values: Iterable[str], milliseconds: int) -> None:
    """These are the values from now on, and no others, for so long."""
    there = list(values)
    if there and milliseconds > 0:
        _ask(lambda client: client.pipeline().delete(key).sadd(key, *there).pexpire(key, milliseconds).execute())


def is_kept(key: str, value: str) -> bool:
    return bool(_ask(lambda client: client.sismember(key, value)))


def come(key: str, who: int, seconds: int) -> list[int]:
    """Somebody is there. Everybody who has come in the last so many seconds, oneself among them."""

    def seen(client: Any) -> list[Any]:
        now = client.time()[0]
        line = client.pipeline().zremrangebyscore(key, 0, now - seconds).zadd(key, {str(who): now})
        return list(line.expire(key, seconds).zrange(key, 0, -1).execute()[-1])

    return sorted({who, *map(int, _ask(seen) or ())})


def _ask(question: Callable[[Any], Any]) -> Any:
    return ask(question, seconds=PATIENCE)
