"""Breaches that someone must deal with, the plans that end them, and what both sides say about it."""

from breaches.models.breaches import Breach, InternalNote, NoteFile, ThreadEntry, ThreadFile
from breaches.models.follow_up import Consequence, ConsequenceStep, Escalation, Excusal, Watcher
from breaches.models.plans import CorrectivePlan, PlanProposal, PlanStep, StepReport

__all__ = [
    "Breach",
    "Consequence",
    "ConsequenceStep",
    "CorrectivePlan",
    "Escalation",
    "Excusal",
    "InternalNote",
    "NoteFile",
    "PlanProposal",
    "PlanStep",
    "StepReport",
    "ThreadEntry",
    "ThreadFile",
    "Watcher",
]
