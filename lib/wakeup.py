"""The doorbell: after a commit, tell the workers that an organisation has work to find.

A lost ring costs at most one beat (a minute), never a breach: the work itself is found by query.
"""

import logging

from celery import current_app
from django.db import transaction
from kombu.pools import producers

log = logging.getLogger(__name__)

WORK = "plumbline.work"
ACCOUNT_LETTERS = "plumbline.account_letters"
# Somebody waits for the page while the bell rings: one try, and a second for each answer of Redis. The workers' own connections
# are more patient; a ring over those once held a page for ten seconds.
PUBLISH_TIMEOUTS = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}


def wake_workers(organisation_id: int) -> None:
    """Enqueue the organisation's work once the present transaction has committed. Never raises: Redis may be away."""
    transaction.on_commit(lambda: _send(WORK, organisation_id), robust=True)


def ring_all(task: str) -> None:
    """The same for a task that is no organisation's."""
    transaction.on_commit(lambda: _send(task), robust=True)


def _send(task: str, *arguments: int) -> None:
    try:
        line = current_app.connection_for_write(transport_options=PUBLISH_TIMEOUTS)
        with producers[line].acquire(block=True, timeout=1) as producer:
            current_app.send_task(task, args=arguments, producer=producer, retry=False)
    except Exception as away:  # the broker's client raises many kinds; each means the same here
        log.warning("The bell did not ring for %s %s: %s. Beat will.", task, arguments, away)
