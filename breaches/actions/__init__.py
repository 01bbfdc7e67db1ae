"""What can be done about breaches."""

from breaches.actions.acknowledgement import acknowledge, undo_acknowledge
from breaches.actions.alerts import ARE_DUE as ALERTS_ARE_DUE
from breaches.actions.alerts import STEP as ALERT_STEP
from breaches.actions.alerts import alert_due
from breaches.actions.closing import close, open_again
from breaches.actions.consequences import decide_on_consequence, follow_rules
from breaches.actions.detection import STEP as OPEN_STEP
from breaches.actions.detection import open_due
from breaches.actions.escalation import IS_DUE as CLIMB_IS_DUE
from breaches.actions.escalation import climb_due
from breaches.actions.excusals import agree_to_excusal, decline_excusal, excuse
from breaches.actions.plans import ask_for_plan, decide_on_plan, propose_plan, report_step
from breaches.actions.reminders import remind_due, reminder_key
from breaches.actions.thread import note, say
from breaches.actions.verification import IS_DUE as VERIFY_IS_DUE
from breaches.actions.verification import STEP as VERIFY_STEP
from breaches.actions.verification import verify_due
from breaches.actions.watching import unwatch, watch

__all__ = [
    "ALERTS_ARE_DUE",
    "ALERT_STEP",
    "CLIMB_IS_DUE",
    "OPEN_STEP",
    "VERIFY_IS_DUE",
    "VERIFY_STEP",
    "acknowledge",
    "agree_to_excusal",
    "alert_due",
    "ask_for_plan",
    "climb_due",
    "close",
    "decide_on_consequence",
    "decide_on_plan",
    "decline_excusal",
    "excuse",
    "follow_rules",
    "note",
    "open_again",
    "open_due",
    "propose_plan",
    "remind_due",
    "reminder_key",
    "report_step",
    "say",
    "undo_acknowledge",
    "unwatch",
    "verify_due",
    "watch",
]
