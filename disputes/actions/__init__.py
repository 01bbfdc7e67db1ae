"""What can be done about relief and disputes."""

from disputes.actions.acceptance import IS_DUE as ACCEPTANCE_IS_DUE
from disputes.actions.acceptance import accept_due
from disputes.actions.disputes import RULINGS, disputable_until, dispute, numbers_of, rule, withdraw_dispute
from disputes.actions.hearings import IS_DUE as ESCALATION_IS_DUE
from disputes.actions.hearings import answer_by, escalate_due, figure_of, say_in_hearing
from disputes.actions.published import note_published
from disputes.actions.relief import ask_for_relief, decide_on_relief, withdraw_relief

__all__ = [
    "ACCEPTANCE_IS_DUE",
    "ESCALATION_IS_DUE",
    "RULINGS",
    "accept_due",
    "answer_by",
    "ask_for_relief",
    "decide_on_relief",
    "disputable_until",
    "dispute",
    "escalate_due",
    "figure_of",
    "note_published",
    "numbers_of",
    "rule",
    "say_in_hearing",
    "withdraw_dispute",
    "withdraw_relief",
]
