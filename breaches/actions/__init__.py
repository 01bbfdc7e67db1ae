"""What can be done about breaches."""

from breaches.actions.acknowledgement import acknowledge, undo_acknowledge
from breaches.actions.alerts import ARE_DUE as ALERTS_ARE_DUE
from breaches.actions.alerts import STEP as ALERT_STEP
from breaches.actions.alerts import alert_due
from breaches.actions.closing import close, open_again
from breaches.actions.consequences import decide_on_consequence, follow_rules
from breaches.actions.detection import STEP as OPEN_STEP
from breaches.actions.detection import open_due
from breaches.actions.plans import ask_for_plan, decide_on_plan, propose_plan, report_step
from breaches.actions.reminders import remind_due, reminder_key
from breaches.actions.thread import note, say
from breaches.actions.verification import IS_DUE as VERIFY_IS_DUE
from breaches.actions.verification import STEP as VERIFY_STEP
from breaches.actions.verification import verify_due

__all__ = [
    "ALERTS_ARE_DUE",
    "ALERT_STEP",
    "OPEN_STEP",
    "VERIFY_IS_DUE",
    "VERIFY_STEP",
    "acknowledge",
    "alert_due",
    "ask_for_plan",
    "close",
    "decide_on_consequence",
    "decide_on_plan",
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
    "verify_due",
]
