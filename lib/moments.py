"""What was true a moment ago, for all web processes: kept in Redis for less than a second, or for as long as somebody is there.

Nothing depends on it: where Redis is away, or has forgotten, everything is found out again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lib.redis_answers import ask

PATIENCE = 0.2  # seconds: a page waits for the answer


def keep(key: str, answers: Mapping[str, str], milliseconds: int) -> None:
    """These are the answers from now on, and no others, for so long."""
    if answers and milliseconds > 0:
        given = dict(answers)
        _ask(lambda client: client.pipeline().delete(key).hset(key, mapping=given).pexpire(key, milliseconds).execute())


def kept(key: str, asked: str) -> str | None:
    """The answer to what is asked; None where none is kept."""
    found = _ask(lambda client: client.hget(key, asked))
    return None if found is None else str(found, "utf-8")


def come(key: str, who: Iterable[str], seconds: int) -> set[str]:
    """Some are there. All who have come in the last so many seconds, these among them."""
    these = set(who)

    def seen(client: Any) -> list[Any]:
        now = client.time()[0]
        line = client.pipeline().zremrangebyscore(key, 0, now - seconds).zadd(key, dict.fromkeys(these, now))
        return list(line.expire(key, seconds).zrange(key, 0, -1).execute()[-1])

    return these | {str(one, "utf-8") for one in _ask(seen) or ()}


def _ask(question: Callable[[Any], Any]) -> Any:
    return ask(question, seconds=PATIENCE)
