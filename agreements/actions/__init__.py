"""What people do with revisions of contracts, and what happens to them on their day."""

from agreements.actions.approval import approvals, approve, comment, send, send_back
from agreements.actions.bulk import (
    approve_bulk,
    begin_bulk,
    has_approved,
    leave_out,
    needed_for,
    send_back_bulk,
    submit_bulk,
    withdraw_bulk,
    work_out_again,
)
from agreements.actions.bulk_impact import BULK_IS_DUE, change_of, work_out_due
from agreements.actions.consent import consent, counter_propose, decline
from agreements.actions.documents import attach_documents, remove_document
from agreements.actions.drafts import (
    bring_up_to_date,
    examine_draft,
    is_live,
    reopen,
    save_clause,
    save_draft,
    set_new_day,
    start_revision,
    submit,
    take_over,
    withdraw,
)
from agreements.actions.endings import ENDINGS_ARE_DUE, tell_endings
from agreements.actions.files import take_file
from agreements.actions.first import InCharge, begin_contract, bring_into_force
from agreements.actions.force import IS_DUE, put_in_force
from agreements.actions.metrics import add_metric, change_metric, retire_metric
from agreements.actions.notices import NOTICES_ARE_DUE, tell
from agreements.actions.remedies import take_remedy
from agreements.actions.term import end_early, renew

__all__ = [
    "BULK_IS_DUE",
    "ENDINGS_ARE_DUE",
    "IS_DUE",
    "NOTICES_ARE_DUE",
    "InCharge",
    "add_metric",
    "approvals",
    "approve",
    "approve_bulk",
    "attach_documents",
    "begin_bulk",
    "begin_contract",
    "bring_into_force",
    "bring_up_to_date",
    "change_metric",
    "change_of",
    "comment",
    "consent",
    "counter_propose",
    "decline",
    "end_early",
    "examine_draft",
    "has_approved",
    "is_live",
    "leave_out",
    "needed_for",
    "put_in_force",
    "remove_document",
    "renew",
    "reopen",
    "retire_metric",
    "save_clause",
    "save_draft",
    "send",
    "send_back",
    "send_back_bulk",
    "set_new_day",
    "start_revision",
    "submit",
    "submit_bulk",
    "take_file",
    "take_over",
    "take_remedy",
    "tell",
    "tell_endings",
    "withdraw",
    "withdraw_bulk",
    "work_out_again",
    "work_out_due",
]
