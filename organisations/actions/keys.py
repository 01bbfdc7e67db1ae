"""API keys: made, rotated, revoked. A key acts as a member of its own, which stays when the key is rotated."""

from datetime import datetime

from django.db import transaction

from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions.permission import require
from organisations.api_keys import Secret, new_secret
from organisations.models import ApiKey, Membership, Vendor
from organisations.rules import KEY_AGE, KEY_OVERLAP, KeyScope, Role, key_actions


@transaction.atomic
def make_key(
    *, by: Membership, name: str, scope: str, expires_at: datetime, now: datetime, vendor: Vendor | None = None
) -> tuple[ApiKey, Secret]:
    """A key of `by`, limited to the vendor where one is given; people of a vendor make keys of their vendor's.

    The secret is returned once and not kept. RuleBroken where the name is in use, the owner's role gives the scope nothing, or the
    end is not within two years.
    """
    require(by, "key.manage")
    vendor = by.vendor if by.is_vendor else vendor
    name = name.strip()
    if not name:
        raise RuleBroken("key_name", "Give the key a name: what uses it, in words a colleague understands.")
    if ApiKey.objects.live(now).filter(name__iexact=name).exists():
        raise RuleBroken("key_name", f"There is a key called {name}. Choose another name, or rotate that one.")
    _scope_gives_something(scope, by.role)
    if not now < expires_at <= now + KEY_AGE:
        raise RuleBroken("key_expiry", "A key ends within two years, and not before tomorrow. Choose a day in between.")
    member = Membership.objects.create(role=_role(by, scope, vendor), vendor=vendor, name=name)
    return _write(member=member, owner=by, vendor=vendor, name=name, scope=scope, expires_at=expires_at)


@transaction.atomic
def rotate_key(*, by: Membership, key: ApiKey, now: datetime) -> tuple[ApiKey, Secret]:
    """A second key of the same member; the old one works for seven more days, and no longer than it would have.

    The new one lives as long as the old one was made for. Conflict where the key was rotated or revoked meanwhile.
    """
    _may_touch(by=by, key=key)
    live = ApiKey.objects.live(now).filter(pk=key.pk, rotated_at=None)
    if not live.update(rotated_at=now, expires_at=min(key.expires_at, now + KEY_OVERLAP)):
        raise Conflict("key_gone", f"{key.name} was rotated or revoked, or has ended. Look again.")
    return _write(
        member=key.member,
        owner=key.owner,
        vendor=key.vendor,
        name=key.name,
        scope=key.scope,
        expires_at=now + (key.expires_at - key.created_at),
    )


@transaction.atomic
def revoke_key(*, by: Membership | None, key: ApiKey, now: datetime) -> ApiKey:
    """From the next call on the key lets nobody in. Conflict where it was revoked already, or has ended."""
    _may_touch(by=by, key=key)
    if not ApiKey.objects.live(now).filter(pk=key.pk).update(revoked_at=now):
        raise Conflict("key_gone", f"{key.name} was revoked already, or has ended. Nothing uses it any more.")
    key.refresh_from_db()
    return key


def _write(
    *, member: Membership, owner: Membership, vendor: Vendor | None, name: str, scope: str, expires_at: datetime
) -> tuple[ApiKey, Secret]:
    secret = new_secret()
    key = ApiKey.objects.create(
        member=member,
        owner=owner,
        vendor=vendor,
        name=name,
        scope=scope,
        prefix=secret.prefix,
        secret_hash=secret.hash,
        expires_at=expires_at,
    )
    return key, secret


def _role(owner: Membership, scope: str, vendor: Vendor | None) -> str:
    """The role of the key's member: its owner's, and for a key that the client limits to a vendor one of the vendor's."""
    if owner.is_vendor or vendor is None:
        return owner.role
    return Role.VENDOR_MANAGER if scope == KeyScope.MANAGE else Role.VENDOR_REPORTER


def _scope_gives_something(scope: str, role: str) -> None:
    if scope not in KeyScope.values:
        raise RuleBroken("key_scope", "Choose what the key may do.")
    scopes = list(KeyScope)
    before = scopes[: scopes.index(KeyScope(scope))]
    if before and key_actions(scope, role) == key_actions(before[-1], role):
        label = Role(role).label.lower()
        raise RuleBroken(
            "key_scope", f"As {label} you may do nothing more with this than with “{before[-1].label}”. Choose that."
        )


def _may_touch(*, by: Membership | None, key: ApiKey) -> None:
    """Administrators look after all keys, vendors' managers after their vendor's, everybody else after their own; the system after all."""
    require(by, "key.manage")
    if (
        by is None
        or by.role == Role.ADMINISTRATOR
        or key.owner_id == by.pk
        or (by.is_vendor and key.owner.vendor_id == by.vendor_id)
    ):
        return
    raise NotAllowed("key_owner", f"{key.name} is {key.owner.name}’s. Ask them, or an administrator.")
