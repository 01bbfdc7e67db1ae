"""Organisations, people and vendors. Everything but an organisation and a user is made inside an open scope."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from organisations.models import Invitation, Membership, Organisation, Presence, User, Vendor, VendorIdentifier
from organisations.rules import Factor, Role

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


def presence(member: Membership, **fields: Any) -> Presence:
    return Presence.objects.create(
        **{"member": member, "vendor_id": member.vendor_id, "seen_at": timezone.now(), "factor": Factor.NONE} | fields
    )


def invitation(email: str = "nora@example.test", vendor: Vendor | None = None, **fields: Any) -> Invitation:
    """Open for a week: as the vendor's reporter, or as an auditor of the client."""
    role = Role.AUDITOR if vendor is None else Role.VENDOR_REPORTER
    week = timezone.now() + timedelta(days=7)
    return Invitation.objects.create(
        **{"email": email, "vendor": vendor, "role": role, "expires_at": week, "invited_by_name": "Ada"} | fields
    )


def identifier(vendor: Vendor, value: str = "", **fields: Any) -> VendorIdentifier:
    return VendorIdentifier.objects.create(
        **{"vendor": vendor, "scheme": "GB-COH", "value": value or f"{vendor.pk:08}"} | fields
    )


def anybody(vendor: Vendor | None = None) -> Membership:
    """Some member of the organisation in scope: of the vendor where one is given, else of the client's staff."""
    found = Membership.objects.filter(vendor=vendor).order_by("pk").first()
    if found is None:
        raise LookupError(f"Nobody is there for {vendor or 'the client'}; make a member first.")
    return found


__all__ = [
    "PASSWORD",
    "Role",
    "anybody",
    "identifier",
    "invitation",
    "member",
    "organisation",
    "presence",
    "user",
    "vendor",
]
