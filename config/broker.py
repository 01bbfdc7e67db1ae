"""The way to Redis for workers: whatever lies in a queue and is no call is thrown away, and ends no worker.

Celery's own ends with the first of them; one that it had noted as taken came back with the next start, and ended that, too. Nothing is
lost: work is found by query, whatever becomes of a call.
"""

import logging
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis

log = logging.getLogger(__name__)


class Channel(redis.Channel):
    """Reads what is no JSON, too."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except ValueError:  # what was taken is gone from the queue
            log.exception("Something that is no JSON lay in a queue. It is thrown away.")
            return True


class Transport(redis.Transport):
    """Delivers what can be understood."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> None:
        try:
            super()._deliver(message, queue)
        except (TypeError, ValueError, LookupError, AttributeError):
            log.exception("Something that is no call lay in %s. It is thrown away.", queue)
            self._forget(message)

    def _forget(self, message: Any) -> None:
        """Take it off the list of what was taken and not done, so that it does not come again."""
        properties = message.get("properties") if isinstance(message, dict) else None
        tag = properties.get("delivery_tag") if isinstance(properties, dict) else None
        for channel in self.channels:
            if isinstance(tag, str) and tag in channel.qos._delivered:
                channel.basic_ack(tag)


def use() -> None:
    """For every address of a Redis."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:{Transport.__name__}"))
