"""Who is told: active members by role, read once per run."""

from collections import defaultdict
from collections.abc import Iterable

from organisations.models import Membership
from organisations.rules import Role


class Audience:
    """The ids of those of the organisation in scope who may have to know something. One statement."""

    def __init__(self) -> None:
        self._of_role: defaultdict[str, list[int]] = defaultdict(list)
        self._of_vendor: defaultdict[int, list[int]] = defaultdict(list)
        members = (
            Membership.objects.people().filter(is_active=True).order_by("pk").values_list("pk", "role", "vendor_id")
        )
        for member, role, vendor in members:
            if vendor is None:
                self._of_role[role].append(member)
            else:
                self._of_vendor[vendor].append(member)

    def staff(self, roles: Iterable[Role] = (Role.ACCOUNT_MANAGER,), but: int | None = None) -> tuple[int, ...]:
        """The client's people in these roles, without the member `but`."""
        return tuple(member for role in roles for member in self._of_role[role] if member != but)

    def vendor(self, vendor_id: int) -> tuple[int, ...]:
        """The vendor's people."""
        return tuple(self._of_vendor[vendor_id])

    def both(self, vendor_id: int) -> tuple[int, ...]:
        """The account managers and the vendor's people."""
        return self.staff() + self.vendor(vendor_id)
