"""Reporting figures, and deciding on what was reported."""

from measurements.actions.expected import stored_expectations
from measurements.actions.figures import import_figures
from measurements.actions.submissions import accept, return_, start_correction, submit

__all__ = ["accept", "import_figures", "return_", "start_correction", "stored_expectations", "submit"]
