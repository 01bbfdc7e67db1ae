"""Organisations, people and vendors. Everything but an organisation and a user is made inside an open scope."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from organisations.models import (
    ApiKey,
    ApiUse,
    Invitation,
    Logo,
    Membership,
    Organisation,
    OrganisationSettings,
    Presence,
    User,
    Vendor,
    VendorIdentifier,
)
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


def api_key(owner: Membership, name: str = "Service desk", scope: str = "read", **fields: Any) -> ApiKey:
    """A key of the owner's, for the owner's vendor, whose secret nobody knows, with a member of its own."""
    vendor_id = owner.vendor_id
    place = Membership.objects.create(role=owner.role, vendor_id=vendor_id, name=name)
    ApiUse.objects.create(
        member=place, vendor_id=vendor_id, minute=datetime.now(UTC), calls=1, last_used_at=datetime.now(UTC)
    )
    return ApiKey.objects.create(
        **{
            "member": place,
            "owner": owner,
            "vendor_id": vendor_id,
            "name": name,
            "scope": scope,
            "prefix": f"k{place.pk}",
            "secret_hash": "0" * 64,
            "expires_at": datetime.now(UTC) + timedelta(days=30),
        }
        | fields
    )


def settings(**fields: Any) -> OrganisationSettings:
    """The settings of the organisation in scope."""
    return OrganisationSettings.objects.update_or_create(defaults=fields)[0]


def logo(content: bytes = b"picture") -> Logo:
    """The logo of the organisation in scope."""
    return Logo.objects.update_or_create(defaults={"content": content})[0]


def presence(member: Membership, **fields: Any) -> Presence:
    given = {"vendor_id": member.vendor_id, "seen_at": timezone.now(), "factor": Factor.NONE}
    return Presence.objects.update_or_create(member=member, defaults=given | fields)[0]


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
    found = Membership.objects.people().filter(vendor=vendor).order_by("pk").first()
    if found is None:
        raise LookupError(f"Nobody is there for {vendor or 'the client'}; make a member first.")
    return found


__all__ = [
    "PASSWORD",
    "Role",
    "anybody",
    "api_key",
    "identifier",
    "invitation",
    "logo",
    "member",
    "organisation",
    "presence",
    "settings",
    "user",
    "vendor",
]
