"""What can be done with news: announce it, read it, send it."""

from notifications.actions.account_letters import (
    ask_for_reset,
    deliver_account_letters,
    rotate_letters,
    write_account_letter,
)
from notifications.actions.bounces import clear_bounces, record_bounce, take_reports
from notifications.actions.delivery import IS_DUE as DELIVERY_IS_DUE
from notifications.actions.delivery import deliver
from notifications.actions.delivery import due as delivery_due
from notifications.actions.events import publish_event, publish_events
from notifications.actions.inbox import mark_all_read, mark_decided, mark_handled, mark_read, reopen
from notifications.actions.invitations import IS_DUE as INVITATIONS_ARE_DUE
from notifications.actions.invitations import deliver_invitations
from notifications.actions.invitations import due as invitations_due
from notifications.actions.preferences import choose_letters, preferences_of, stop_letters
from notifications.actions.retention import forget_letters
from notifications.actions.retry import retry_letters

__all__ = [
    "DELIVERY_IS_DUE",
    "INVITATIONS_ARE_DUE",
    "ask_for_reset",
    "choose_letters",
    "clear_bounces",
    "deliver",
    "deliver_account_letters",
    "deliver_invitations",
    "delivery_due",
    "forget_letters",
    "invitations_due",
    "mark_all_read",
    "mark_decided",
    "mark_handled",
    "mark_read",
    "preferences_of",
    "publish_event",
    "publish_events",
    "record_bounce",
    "reopen",
    "retry_letters",
    "rotate_letters",
    "stop_letters",
    "take_reports",
    "write_account_letter",
]
