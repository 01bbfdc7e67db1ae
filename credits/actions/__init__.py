"""What can be done about service credits."""

from credits.actions.holds import hold, release
from credits.actions.invoices import record_invoice
from credits.actions.ledger import STEP as POST_STEP
from credits.actions.ledger import post_due
from credits.actions.verification import Difference, Verification, contracts_to_verify, verify_share
from credits.actions.waivers import approve_waiver, decline_waiver, propose_waiver

__all__ = [
    "POST_STEP",
    "Difference",
    "Verification",
    "approve_waiver",
    "contracts_to_verify",
    "decline_waiver",
    "hold",
    "post_due",
    "propose_waiver",
    "record_invoice",
    "release",
    "verify_share",
]
