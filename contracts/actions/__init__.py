"""What is done to contracts, to who is in charge of them, and to who sees them."""

from contracts.actions.access import limit_contracts
from contracts.actions.contracts import (
    clear_failures,
    cycle_of,
    fields_of,
    findings_of,
    mark_for_reevaluation,
    note_failures,
    update_contract,
    write_contract,
    write_periods,
)
from contracts.actions.extensions import ask_for_extension, decide_on_extension, give_extensions
from contracts.actions.merging import MergeRefused, merge_vendors, plan_merge
from contracts.actions.owners import Absence, assign_owner

__all__ = [
    "Absence",
    "MergeRefused",
    "ask_for_extension",
    "assign_owner",
    "clear_failures",
    "cycle_of",
    "decide_on_extension",
    "fields_of",
    "findings_of",
    "give_extensions",
    "limit_contracts",
    "mark_for_reevaluation",
    "merge_vendors",
    "note_failures",
    "plan_merge",
    "update_contract",
    "write_contract",
    "write_periods",
]
