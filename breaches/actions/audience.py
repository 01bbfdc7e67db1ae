"""Who is notified: whoever is in charge of the contract, their deputy while they are away, else all active members by role."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property

from contracts.models import Owner
from contracts.rules import Duty
from organisations.models import ApiKey, Membership
from organisations.rules import Role

DUTY_OF = {Role.ACCOUNT_MANAGER: Duty.ACCOUNT_MANAGER, Role.PROCUREMENT: Duty.PROCUREMENT}
Told = tuple[int, ...]


class Audience:
    """The ids of those of the organisation in scope who may have to know something of some contracts. Two statements.

    Days of absence are days of the contract.
    """

    def __init__(self, contracts: Collection[int], now: datetime) -> None:
        self._contracts = contracts
        self._of_role: defaultdict[str, list[int]] = defaultdict(list)
        self._of_vendor: defaultdict[int, list[Membership]] = defaultdict(list)
        self._people: dict[int, str] = {}
        for member in Membership.objects.active().only("pk", "name", "role", "vendor_id", "contracts").order_by("pk"):
            self._people[member.pk] = member.name
            if member.vendor_id is None:
                self._of_role[member.role].append(member.pk)
            else:
                self._of_vendor[member.vendor_id].append(member)
        owners = Owner.objects.in_force(now).filter(contract__in=contracts).order_by("is_deputy")
        # A deputy comes later and takes the place of whoever is away.
        self._in_charge: dict[tuple[int, str], int] = {
            (contract, duty): member
            for contract, duty, member in owners.values_list("contract_id", "duty", "member_id")
        }

    def staff(self, contract: int, roles: Iterable[Role] = (Role.ACCOUNT_MANAGER,), but: int | None = None) -> Told:
        """For each of the roles whoever is in charge for it, or everybody of the role where nobody is; without the member `but`.

        Where that leaves nobody, because `but` is in charge, it is all the others of the roles: somebody must decide.
        """
        asked, but = list(roles), self._person(but)
        found = [member for role in asked for member in self._duty(contract, role) if member != but]
        return tuple(found or [member for role in asked for member in self._of_role[role] if member != but])

    def deputy(self, contract: int) -> Told:
        """Whoever stands in for the account manager, or did last; where nobody ever did, the other account managers than the one in
        charge, or all of them. One statement for all contracts."""
        managers = self._of_role[Role.ACCOUNT_MANAGER]
        if (last := self._deputies.get(contract)) is not None:
            return (last,)
        in_charge = self._duty(contract, Role.ACCOUNT_MANAGER)
        return tuple(member for member in managers if member not in in_charge) or tuple(managers)

    @cached_property
    def _deputies(self) -> dict[int, int]:
        """Who stood in last, of those who are active account managers, by contract."""
        managers = self._of_role[Role.ACCOUNT_MANAGER]
        named = Owner.objects.filter(
            contract__in=self._contracts, duty=Duty.ACCOUNT_MANAGER, is_deputy=True, member__in=managers
        )
        return dict(named.order_by("ends_on", "pk").values_list("contract_id", "member_id"))

    def of_role(self, role: Role) -> Told:
        return tuple(self._of_role[role])

    def name_of(self, member: int) -> str:
        return self._people.get(member, "")

    def _person(self, member: int | None) -> int | None:
        """Who answers for what a member did: for a key its owner."""
        return member if member is None or member in self._people else self._owners.get(member, member)

    @cached_property
    def _owners(self) -> dict[int, int]:
        """Of each key's member, who answers for it. A statement, where somebody acted who is no person."""
        return dict(ApiKey.objects.values_list("member_id", "owner_id"))

    def _duty(self, contract: int, role: Role) -> list[int]:
        one = self._in_charge.get((contract, DUTY_OF[role])) if role in DUTY_OF else None
        return self._of_role[role] if one is None else [one]

    def vendor(self, contract: int, vendor_id: int) -> Told:
        """The vendor's contact for the contract, or all of the vendor's people; only those who see the contract."""
        contact = self._in_charge.get((contract, Duty.VENDOR_CONTACT))
        theirs = [member.pk for member in self._of_vendor[vendor_id] if member.sees_contract(contract)]
        return (contact,) if contact in theirs else tuple(theirs)

    def both(self, contract: int, vendor_id: int) -> Told:
        """The account manager and the vendor's contact, or all of them."""
        return self.staff(contract) + self.vendor(contract, vendor_id)
