"""Sealing the trail, looking at the seals, and letting go of what is kept no longer. All work on the organisation in scope."""

from audit.actions.checking import last_hash, must_see_all_contracts, verify
from audit.actions.retention import checkpoint_in_scope, forget_entries, sign_again
from audit.actions.seals import BATCH_SIZE, FIRST, IS_DUE, LINE, lines_between, own_seals, seal

__all__ = [
    "BATCH_SIZE",
    "FIRST",
    "IS_DUE",
    "LINE",
    "checkpoint_in_scope",
    "forget_entries",
    "last_hash",
    "lines_between",
    "must_see_all_contracts",
    "own_seals",
    "seal",
    "sign_again",
    "verify",
]
