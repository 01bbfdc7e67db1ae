"""What people do with revisions of contracts, and what happens to them on their day."""

from agreements.actions.approval import approvals, approve, comment, send, send_back
from agreements.actions.consent import consent, counter_propose, decline
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
from agreements.actions.files import take_file
from agreements.actions.first import InCharge, begin_contract, bring_into_force
from agreements.actions.force import IS_DUE, put_in_force
from agreements.actions.metrics import add_metric, change_metric, retire_metric
from agreements.actions.notices import NOTICES_ARE_DUE, tell
from agreements.actions.remedies import take_remedy

__all__ = [
    "IS_DUE",
    "NOTICES_ARE_DUE",
    "InCharge",
    "add_metric",
    "approvals",
    "approve",
    "begin_contract",
    "bring_into_force",
    "bring_up_to_date",
    "change_metric",
    "comment",
    "consent",
    "counter_propose",
    "decline",
    "examine_draft",
    "is_live",
    "put_in_force",
    "reopen",
    "retire_metric",
    "save_clause",
    "save_draft",
    "send",
    "send_back",
    "set_new_day",
    "start_revision",
    "submit",
    "take_file",
    "take_over",
    "take_remedy",
    "tell",
    "withdraw",
]
