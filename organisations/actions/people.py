"""Places in the organisation: given, changed, taken away and given back."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from lib.errors import Conflict, RuleBroken
from organisations.actions.permission import no_key_for_administrators, require
from organisations.models import Membership, User, Vendor
from organisations.rules import VENDOR_ROLES, Role

LAST_ADMINISTRATOR = (
    "{name} is the only administrator. Make somebody else administrator first, or nobody can let people in."
)


def fitting_role(role: str, *, of_vendor: bool) -> Role:
    """The role of this name. RuleBroken where there is none, or where it belongs to the other side."""
    if role not in Role.values:
        raise RuleBroken("role_unknown", "There is no such role. Choose one of the list.")
    if (role in VENDOR_ROLES) != of_vendor:
        wanted = "needs the vendor" if role in VENDOR_ROLES else "is the client's and has no vendor"
        raise RuleBroken("role_vendor", f"The role {Role(role).label.lower()} {wanted}.")
    return Role(role)


def add_member(*, by: Membership | None, user: User, role: str, vendor: Vendor | None = None) -> Membership:
    """A place in the organisation in scope for a person who can sign in; people of a vendor name the vendor.

    RuleBroken where role and vendor do not fit together, Conflict where the person has a place already.
    """
    require(by, "people.manage")
    fitting_role(role, of_vendor=vendor is not None)
    try:
        with transaction.atomic():
            return Membership.objects.create(user=user, vendor=vendor, role=role, name=user.name, email=user.email)
    except IntegrityError as twice:
        if "membership_once" not in str(twice):
            raise
        raise Conflict("member_already", f"{user.name} is a member already. Change the role instead.") from twice


@transaction.atomic
def change_role(*, by: Membership | None, member: Membership, role: str, version: int) -> None:
    """Another role on the same side. RuleBroken for a role of the other side, and where no administrator would be left."""
    require(by, "people.manage")
    no_key_for_administrators(by, role, member.role)
    fitting_role(role, of_vendor=member.is_vendor)
    if not member.is_active:
        raise RuleBroken("disabled", f"{member.name} is disabled. Let {member.name} rejoin with the role instead.")
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(member)
    _change(member, version, role=role)


@transaction.atomic
def disable_member(*, by: Membership | None, member: Membership, version: int) -> None:
    """Take a place away: the door is closed from the next request on. RuleBroken where no administrator would be left."""
    require(by, "people.manage")
    no_key_for_administrators(by, member.role)
    if not member.is_active:
        raise RuleBroken("disabled", f"{member.name} is disabled already.")
    _keep_an_administrator(member)
    _change(member, version, is_active=False)


@transaction.atomic
def rejoin_member(*, by: Membership | None, member: Membership, role: str, version: int) -> None:
    """Give a place back, with a role on the same side as before."""
    require(by, "people.manage")
    no_key_for_administrators(by, role)
    fitting_role(role, of_vendor=member.is_vendor)
    if member.is_active:
        raise RuleBroken("active", f"{member.name} is here already. Change the role instead.")
    _change(member, version, is_active=True, role=role)


def _keep_an_administrator(leaving: Membership) -> None:
    """RuleBroken where `leaving` is the last one. The rows are held, so that two who leave at one moment see each other."""
    if leaving.role != Role.ADMINISTRATOR:
        return
    rows = Membership.objects.administrators().order_by("pk").select_for_update(of=("self",))
    if not [row for row in rows if row.pk != leaving.pk]:
        raise RuleBroken("last_administrator", LAST_ADMINISTRATOR.format(name=leaving.name))


def _change(member: Membership, version: int, **values: Any) -> None:
    """Conflict where the member is not as it was seen any more."""
    found = Membership.objects.filter(pk=member.pk, version=version)
    if not found.update(version=F("version") + 1, **values):
        raise Conflict("version", f"Somebody else changed {member.name} meanwhile. Look again before you change it.")
    member.refresh_from_db()
