"""Reporting figures, and deciding on what was reported."""

from measurements.actions.batches import Staged, stage, staged, sweep_batches, take
from measurements.actions.corrections import put_right
from measurements.actions.evidence import answer_about, attach, remove
from measurements.actions.expected import stored_expectations
from measurements.actions.figures import clear_figures, import_figures
from measurements.actions.relief import grant_relief, granted_of
from measurements.actions.review import review
from measurements.actions.submissions import accept, on_submitters_side, return_, start_correction, submit, withdraw

__all__ = [
    "Staged",
    "accept",
    "answer_about",
    "attach",
    "clear_figures",
    "grant_relief",
    "granted_of",
    "import_figures",
    "on_submitters_side",
    "put_right",
    "remove",
    "return_",
    "review",
    "stage",
    "staged",
    "start_correction",
    "stored_expectations",
    "submit",
    "sweep_batches",
    "take",
    "withdraw",
]
