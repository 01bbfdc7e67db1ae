"""What can be done with news: announce it, read it, send it."""

from notifications.actions.delivery import deliver
from notifications.actions.delivery import due as delivery_due
from notifications.actions.events import publish_event, publish_events
from notifications.actions.inbox import mark_all_read, mark_decided, mark_handled, mark_read, reopen

__all__ = [
    "deliver",
    "delivery_due",
    "mark_all_read",
    "mark_decided",
    "mark_handled",
    "mark_read",
    "publish_event",
    "publish_events",
    "reopen",
]
