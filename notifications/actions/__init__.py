"""What can be done with news: announce it, read it, send it."""

from notifications.actions.account_letters import (
    ask_for_reset,
    deliver_account_letters,
    rotate_letters,
    write_account_letter,
)
from notifications.actions.delivery import deliver
from notifications.actions.delivery import due as delivery_due
from notifications.actions.events import announce, announce_all
from notifications.actions.inbox import mark_all_read, mark_decided, mark_read, settle, unsettle

__all__ = [
    "announce",
    "announce_all",
    "ask_for_reset",
    "deliver",
    "deliver_account_letters",
    "delivery_due",
    "mark_all_read",
    "mark_decided",
    "mark_read",
    "rotate_letters",
    "settle",
    "unsettle",
    "write_account_letter",
]
