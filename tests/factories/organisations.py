"""Organisations, people and vendors. Everything but an organisation and a user is made inside an open scope."""

from typing import Any

from organisations.models import Membership, Organisation, User, Vendor
from organisations.rules import Role

PASSWORD = "plumb-line-and-level"


def organisation(name: str = "Aldermoor Energy", slug: str = "") -> Organisation:
    """Made as the log-in role, outside a scope."""
    return Organisation.objects.create(name=name, slug=slug or name.split()[0].lower())


def user(name: str, email: str = "") -> User:
    """Made as the log-in role, outside a scope. The password is set unusable: hashing one takes longer than most tests."""
    return User.objects.create_user(email or f"{name.split()[0].lower()}@example.test", name=name)


def vendor(name: str = "Corvid Systems", **fields: Any) -> Vendor:
    return Vendor.objects.create(**{"code": name.split()[0].upper(), "name": name} | fields)


def member(person: User, role: str, vendor: Vendor | None = None, **fields: Any) -> Membership:
    """The person's place in the organisation in scope."""
    return Membership.objects.create(
        **{"user": person, "role": role, "vendor": vendor, "name": person.name, "email": person.email} | fields
    )


def anybody(vendor: Vendor | None = None) -> Membership:
    """Some member of the organisation in scope: of the vendor where one is given, else of the client's staff."""
    found = Membership.objects.filter(vendor=vendor).order_by("pk").first()
    if found is None:
        raise LookupError(f"Nobody is there for {vendor or 'the client'}; make a member first.")
    return found


__all__ = ["PASSWORD", "Role", "anybody", "member", "organisation", "user", "vendor"]
