"""Who is told when nobody takes a breach up: for each severity some rungs, each after so many working hours of its contract.

An organisation decides its own; without, it is the usual one. Whoever is in charge is told when a breach opens: the ladder begins where
that was not enough.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lib.errors import RuleBroken
from organisations.rules import STAFF_ROLES, Role

IN_CHARGE, DEPUTY = "in_charge", "deputy"
NAMES: dict[str, str] = {IN_CHARGE: "Account manager in charge", DEPUTY: "Deputy"}
SEVERITIES = ("critical", "major", "minor")
LONGEST = 2000  # working hours: about a year
# Whom a rung can name, in the order of choices.
TO = (IN_CHARGE, DEPUTY, *(str(role) for role in Role if role in STAFF_ROLES and role != Role.AUDITOR))
MOST_RUNGS = len(TO)  # each once at most, in the order of hours


class Rung(NamedTuple):
    """Who is told after so many working hours of the contract in which nobody has acknowledged a breach."""

    after: int
    to: str  # IN_CHARGE, DEPUTY or a role

    @property
    def name(self) -> str:
        return format_to(self.to)


Ladder = Mapping[str, Sequence[Rung]]
USUAL: Ladder = {
    "critical": (Rung(4, IN_CHARGE), Rung(8, DEPUTY), Rung(16, Role.PROCUREMENT), Rung(40, Role.ADMINISTRATOR)),
    "major": (Rung(16, IN_CHARGE), Rung(24, DEPUTY), Rung(40, Role.PROCUREMENT)),
    "minor": (Rung(40, IN_CHARGE), Rung(80, DEPUTY)),
}


def format_to(to: str) -> str:
    return NAMES.get(to) or Role(to).label


def ladder_from(stored: Any) -> Ladder:
    """From the settings' JSON, severity to pairs of hours and name; None: the usual one."""
    return {name: tuple(Rung(*rung) for rung in stored.get(name, ())) for name in SEVERITIES} if stored else USUAL


def as_stored(ladder: Ladder) -> dict[str, list[list[Any]]] | None:
    """For the settings; the usual one is stored as none."""
    rows = {name: [[rung.after, str(rung.to)] for rung in ladder[name]] for name in SEVERITIES}
    return None if ladder_from(rows) == USUAL else rows


def check_ladder(ladder: Ladder) -> None:
    """RuleBroken where a severity has too many rungs, one is not later than the one before, or tells nobody that there is."""
    for name in SEVERITIES:
        rungs = ladder.get(name, ())
        if len(rungs) > MOST_RUNGS:
            raise RuleBroken("escalation", f"At most {MOST_RUNGS} rungs for each severity.")
        for before, rung in zip((None, *rungs), rungs, strict=False):
            if not 0 < rung.after <= LONGEST:
                raise RuleBroken("escalation", f"{name.capitalize()}: enter from 1 to {LONGEST:,} working hours.")
            if before is not None and rung.after <= before.after:
                raise RuleBroken(
                    "escalation",
                    f"{name.capitalize()}: each rung comes after the one before, so {rung.after} cannot be.",
                )
            if rung.to not in TO:
                raise RuleBroken("escalation", f"{name.capitalize()}: say who is told after {rung.after} hours.")
