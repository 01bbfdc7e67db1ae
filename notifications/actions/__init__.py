"""What can be done with news: announce it, read it, send it."""

from notifications.actions.delivery import deliver
from notifications.actions.events import announce, announce_all
from notifications.actions.inbox import mark_all_read, mark_decided, mark_read, settle, unsettle
from notifications.actions.invitations import deliver_invitations

__all__ = [
    "announce",
    "announce_all",
    "deliver",
    "deliver_invitations",
    "mark_all_read",
    "mark_decided",
    "mark_read",
    "settle",
    "unsettle",
]
