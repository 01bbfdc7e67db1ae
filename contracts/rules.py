"""Duties on a contract, which version of a dated part is in force, and refusing a file."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import TextChoices

from lib.errors import RuleBroken
from organisations.rules import VENDOR_ROLES, Role


class Duty(TextChoices):
    """What somebody is in charge of on a contract."""

    ACCOUNT_MANAGER = "account_manager", "Account manager in charge"
    PROCUREMENT = "procurement", "Procurement officer in charge"
    VENDOR_CONTACT = "vendor_contact", "Vendor’s contact"


# Days before a contract's last one from which people are asked whether to renew it. To write, approve and agree terms takes a quarter, and
# a quarter's notice is what most contracts of this kind ask for.
ENDING_SOON = 92
REPORT_DUE = 10  # the working day after a period on which figures are due where a contract does not say

# Who can have a duty.
DUTY_ROLES: dict[str, frozenset[Role]] = {
    Duty.ACCOUNT_MANAGER: frozenset({Role.ACCOUNT_MANAGER}),
    Duty.PROCUREMENT: frozenset({Role.PROCUREMENT}),
    Duty.VENDOR_CONTACT: VENDOR_ROLES,
}


def in_force(versions: Sequence[Mapping[str, Any]], day: date) -> Mapping[str, Any] | None:
    """The version of a part of a contract in force on a day: the last that has begun, the first on all days before; None of none.

    Each version has its first day as `from`, that of a month for all but the first, so that any day of a month finds the month's.
    """
    begun = [version for version in versions if version["from"] <= day.isoformat()]
    return begun[-1] if begun else next(iter(versions), None)


def may_assign(role: str, duty: str, *, in_charge: bool) -> bool:
    """Whether somebody with this role may say who has the duty on a contract.

    Administrators and procurement say it of every duty. An account manager does of contracts that they are in charge of, so that
    nobody comes into charge by their own word. A vendor's manager names the vendor's own contact.
    """
    if role in (Role.ADMINISTRATOR, Role.PROCUREMENT):
        return True
    if role == Role.VENDOR_MANAGER:
        return duty == Duty.VENDOR_CONTACT
    return role == Role.ACCOUNT_MANAGER and in_charge


class FileRefused(RuleBroken):
    """A file that is not taken. `problems` are all that is wrong with it, in its order: `contract_file.Problem` with path and
    message, or `figures_file.FigureProblem` with line, column and message. Each says itself as text."""

    problems: list[object]

    def __init__(self, problems: Iterable[object]) -> None:
        self.problems = list(problems)
        many = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__("file", f"The file was refused and nothing was changed. {self.problems[0]}{many}")


class ExtensionStatus(TextChoices):
    """More time for a month's figures: asked for by the vendor, granted or refused by the client."""

    OPEN = "open", "More time asked for"
    GRANTED = "granted", "More time granted"
    REFUSED = "refused", "Refused"


EXTENSION_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ExtensionStatus.OPEN: (ExtensionStatus.GRANTED, ExtensionStatus.REFUSED),
}
