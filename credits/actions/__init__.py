"""What can be done about service credits."""

from credits.actions.claims import (
    Chosen,
    approve_claim,
    claim_credits,
    decline_claim,
    mark_recovered,
    propose_write_off,
    put_on_invoice,
    withdraw_claim,
)
from credits.actions.holds import follow_holds, hold, release
from credits.actions.invoices import record_invoice
from credits.actions.ledger import STEP as POST_STEP
from credits.actions.ledger import post_due
from credits.actions.reconciliation import book_file, discard_file, look_at_file, remove_template, save_template
from credits.actions.verification import Difference, Verification, contracts_to_verify, verify_share
from credits.actions.waivers import approve_waiver, decline_waiver, propose_waiver

__all__ = [
    "POST_STEP",
    "Chosen",
    "Difference",
    "Verification",
    "approve_claim",
    "approve_waiver",
    "book_file",
    "claim_credits",
    "contracts_to_verify",
    "decline_claim",
    "decline_waiver",
    "discard_file",
    "follow_holds",
    "hold",
    "look_at_file",
    "mark_recovered",
    "post_due",
    "propose_waiver",
    "propose_write_off",
    "put_on_invoice",
    "record_invoice",
    "release",
    "remove_template",
    "save_template",
    "verify_share",
    "withdraw_claim",
]
