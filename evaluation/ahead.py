"""What is ahead of a contract in the month that runs: how much more until a rule is triggered or a cap is reached."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from evaluation.pipeline import EvaluationRequest, statement, values
from organisations import kept_plans

STEPS = (
    "evaluation_window",
    "stored_results",
    "windowed_results",
    "stored_account",
    "versions",
    "caps",
    "watched",
    "ahead",
)
FOUND = """SELECT r.rule_no, NULL, NULL::numeric, r.service_level_id, r.again, r.holds, r.more FROM rule_ahead AS r
UNION ALL SELECT NULL, c.over, c.at, NULL, NULL, c.more = 0, c.more FROM cap_ahead AS c"""


@dataclass(frozen=True)
class RuleAhead:
    """`more` of what a rule counts until it holds: 0 where it does, None where its window is too short.

    About a service level, about none in particular (`level` is None), or about the contract. `again`: there are slots already.
    """

    rule: int  # its place among the contract's
    level: int | None
    again: bool
    holds: bool
    more: Decimal | None


@dataclass(frozen=True)
class CapAhead:
    """The money that is left of a cap: month, rolling_12 or contract_year."""

    over: str
    limit: Decimal
    more: Decimal


def ahead(contract_id: int, month: date) -> tuple[list[RuleAhead], list[CapAhead]]:
    """Of the rules and the caps of a contract in its running month, by what is stored. One statement."""
    rows = kept_plans.rows(statement(STEPS, FOUND), values(STEPS, [EvaluationRequest(contract_id, month, month)]))
    rules = [RuleAhead(rule - 1, *rest) for rule, _, _, *rest in rows if rule is not None]
    caps = [CapAhead(over, at, more) for rule, over, at, _, _, _, more in rows if rule is None]
    return rules, caps
