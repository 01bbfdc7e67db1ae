"""Who is in charge of a contract, as pages and programs show it and as it is changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contracts.models import Contract, Owner
from contracts.rules import Duty


@dataclass(frozen=True)
class Charge:
    """One duty on a contract, on a day of the contract.

    `deputy` stands in now or for an absence to come. `version` names what was seen: it is another one after every change.
    """

    duty: Duty
    owner: Owner | None
    deputy: Owner | None
    day: date
    version: str

    @property
    def is_away(self) -> bool:
        """Whether the deputy stands in on the day."""
        return self.deputy is not None and self.deputy.starts_on <= self.day

    @property
    def title(self) -> str:
        """The duty's name on the contract's page, where the heading says that it is about who is in charge."""
        return {Duty.ACCOUNT_MANAGER: "Account manager", Duty.PROCUREMENT: "Procurement"}.get(
            self.duty, "Vendor’s contact"
        )


def charges_of(contract: Contract, day: date) -> list[Charge]:
    """The three duties of a contract in their order. One statement."""
    return [
        charge_from(duty, rows, day) for duty, rows in _by_duty(Owner.objects.filter(contract=contract).living(day))
    ]


def charge_from(duty: Duty, rows: Iterable[Owner], day: date) -> Charge:
    """From the living rows of the duty, in their order."""
    there = list(rows)
    owner = next((row for row in there if not row.is_deputy), None)
    deputy = next((row for row in there if row.is_deputy), None)
    # Rows come, go and end, and are not edited: which ones live says all that can be seen of a duty.
    return Charge(duty, owner, deputy, day, "-".join(str(row.pk) for row in there))


def _by_duty(rows: Iterable[Owner]) -> list[tuple[Duty, list[Owner]]]:
    there = list(rows)
    return [(duty, [row for row in there if row.duty == duty]) for duty in Duty]
