"""What the client's people narrow the list of breaches by: how grave they are, how far they were escalated, and who is in charge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from breaches.querysets import BreachQuerySet
from breaches.rules.escalation import Severity
from contracts.models import Owner
from contracts.rules import Duty
from lib.whole_numbers import whole
from organisations.ladder import MOST_RUNGS

Counts = Mapping[tuple[str, str], int]  # by status and severity


@dataclass(frozen=True)
class Charges:
    """Which account manager is in charge of which contract today, deputies in the place of who is away: name and id by contract."""

    by_contract: Mapping[int, tuple[int, str]]

    @property
    def people(self) -> list[tuple[int, str]]:
        return sorted(set(self.by_contract.values()), key=lambda one: (one[1].lower(), one[0]))

    def contracts_of(self, member: int) -> list[int]:
        return [contract for contract, (pk, _) in self.by_contract.items() if pk == member]


def charges_on(now: datetime) -> Charges:
    """One statement."""
    owners = Owner.objects.in_force(now).filter(duty=Duty.ACCOUNT_MANAGER).order_by("is_deputy")
    return Charges(
        {contract: (pk, name) for contract, pk, name in owners.values_list("contract_id", "member_id", "name")}
    )


@dataclass(frozen=True)
class Narrowing:
    """`severity` of the breach, the `rung` that was reached last (from 1), and the `charge`: an account manager's id. Empty: all."""

    severity: str = ""
    rung: int = 0
    charge: int = 0

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> "Narrowing":
        severity, rung, charge = (given.get(name, "") for name in ("severity", "rung", "charge"))
        return cls(
            severity if severity in Severity.values else "",
            int(rung) if rung in map(str, range(1, MOST_RUNGS + 1)) else 0,
            whole(charge) or 0,
        )

    @property
    def kept(self) -> dict[str, str]:
        given = {"severity": self.severity, "rung": self.rung, "charge": self.charge}
        return {name: str(value) for name, value in given.items() if value}

    def of(self, found: BreachQuerySet, charges: Charges) -> BreachQuerySet:
        """Narrowed by all but the severity, of which each is counted."""
        if self.charge:
            found = found.filter(contract_id__in=charges.contracts_of(self.charge))
        return found.with_rung().filter(reached=self.rung - 1) if self.rung else found

    def menus(
        self, counts: Counts, statuses: tuple[str, ...], charges: Charges, state: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """As components/filter_menu.html takes them. `state` is what the list's address says."""

        def choice(name: str, value: str, label: str, count: int | None = None) -> dict[str, Any]:
            on = state.get(name) == value
            changed = {**state, name: "" if on else value}
            url = f"?{urlencode({key: text for key, text in changed.items() if text})}"
            return {"label": label, "count": count, "on": on, "url": url}

        by_severity = {one: sum(counts.get((status, one), 0) for status in statuses) for one in Severity.values}
        grave = [choice("severity", one.value, one.label, by_severity[one]) for one in reversed(Severity)]
        rungs = [choice("rung", str(nth), f"To rung {nth}") for nth in range(1, MOST_RUNGS + 1)]
        people = [choice("charge", str(pk), name) for pk, name in charges.people]
        menus = [
            ("Severity", self.severity, grave),
            ("Escalated", self.rung, rungs),
            ("In charge", self.charge, people),
        ]
        return [{"label": label, "chosen": chosen, "choices": choices} for label, chosen, choices in menus if choices]
