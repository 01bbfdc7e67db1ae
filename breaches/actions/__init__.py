"""What can be done about breaches and credits."""

from breaches.actions.alerts import alert_due
from breaches.actions.answering import acknowledge, undo_acknowledge
from breaches.actions.invoices import record_invoice
from breaches.actions.ledger import post_due
from breaches.actions.opening import open_due
from breaches.actions.verification import Difference, Verification, verify
from breaches.actions.waivers import approve_waiver, decline_waiver, propose_waiver

__all__ = [
    "Difference",
    "Verification",
    "acknowledge",
    "alert_due",
    "approve_waiver",
    "decline_waiver",
    "open_due",
    "post_due",
    "propose_waiver",
    "record_invoice",
    "undo_acknowledge",
    "verify",
]
