"""The doorbell: after a commit, tell the workers that an organisation has work to find.

A lost ring costs at most one beat (a minute), never a breach: the work itself is found by query.
"""

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

WORK = "plumbline.work"


def ring(organisation_id: int) -> None:
    """Enqueue the organisation's work once the present transaction has committed. Never raises: Redis may be away."""
    transaction.on_commit(lambda: _send(organisation_id), robust=True)


def _send(organisation_id: int) -> None:
    try:
        current_app.send_task(WORK, args=[organisation_id], retry=False)
    except Exception as away:  # the broker's client raises many kinds; each means the same here
        log.warning("The bell did not ring for organisation %s: %s. Beat will.", organisation_id, away)
