"""API keys at the door: what they look like, whom they let in, and how many calls a minute they make."""

import hmac
import re
import secrets
import string
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from organisations.models import ApiKey, Membership
from organisations.rules import NOT_FOR_VENDOR, Role, key_actions
from organisations.scope import open_scope

LETTERS = string.ascii_letters + string.digits
PREFIX, SECRET = 8, 40  # letters; the secret has 238 bits, so its hash needs no salt and no slowness
SHAPE = re.compile(r"plb_([A-Za-z0-9]{8})_[A-Za-z0-9]{40}", re.ASCII)
BEARER = "Bearer "

COUNT = """
INSERT INTO organisations_apiuse AS use (organisation_id, member_id, vendor_id, minute, calls, last_used_at)
VALUES (%(organisation)s, %(member)s, %(vendor)s, date_trunc('minute', clock_timestamp()), 1, clock_timestamp())
ON CONFLICT (organisation_id, member_id) DO UPDATE SET
    calls = CASE WHEN use.minute = excluded.minute THEN use.calls + 1 ELSE 1 END,
    minute = excluded.minute, last_used_at = excluded.last_used_at
RETURNING calls, ceil(60 - extract(second FROM last_used_at))::int
"""


@dataclass(frozen=True)
class Secret:
    """A new key: its prefix, by which it is found and named, and the whole of it, which is shown once."""

    prefix: str
    text: str

    @property
    def hash(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def new_secret() -> Secret:
    prefix, secret = ("".join(secrets.choice(LETTERS) for _ in range(length)) for length in (PREFIX, SECRET))
    return Secret(prefix, f"plb_{prefix}_{secret}")


def is_bearer(header: str) -> bool:
    """Whether an Authorization header brings a key, or something in its place."""
    return header[: len(BEARER)].lower() == BEARER.lower()


def find_member(header: str, slug: str) -> Membership | None:
    """The member as which a key acts in the organisation with this slug; None for whatever lets nobody in.

    One row, read as the log-in role. A key is worth nothing once it has expired or was revoked, once its owner is disabled
    or works for another company, and at any organisation but its own. It may do what its scope says, and never more than its owner, whose
    role counts as it is now.
    """
    text = header[len(BEARER) :].strip()
    shape = SHAPE.fullmatch(text)
    if not shape:
        return None
    found = ApiKey.unscoped.select_related("organisation", "member", "owner").filter(
        organisation__slug=slug, prefix=shape[1], revoked_at=None, expires_at__gt=Now()
    )
    key = found.first()
    if key is None or not hmac.compare_digest(key.secret_hash, sha256(text.encode()).hexdigest()):
        return None
    member, owner = key.member, key.owner
    if not (owner.is_active and member.is_active and member.is_key and member.vendor_id == key.vendor_id):
        return None
    if owner.is_vendor and owner.vendor_id != key.vendor_id:
        return None  # left, and came back to another company: what they had before is not theirs any more
    member.organisation = key.organisation
    if owner.is_vendor == member.is_vendor:
        member.role, member.contracts = owner.role, owner.contracts
    member.key_actions, member.key_owner_id = key_actions(key.scope, owner.role), owner.pk
    if member.is_vendor and not owner.is_vendor and owner.role != Role.ADMINISTRATOR:
        member.key_actions -= NOT_FOR_VENDOR
    return member


def count_call(member: Membership) -> int:
    """Count a call of the API. Returns 0, or for how many seconds the member has made enough. Outside a scope.

    A transaction of its own, so that calls that fail count, too; and without waiting for the disk, since a count may be lost.
    """
    with (
        open_scope(organisation_id=member.organisation_id, vendor_id=member.vendor_id, actor_id=member.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL synchronous_commit = off")
        who = {"organisation": member.organisation_id, "member": member.pk, "vendor": member.vendor_id}
        cursor.execute(COUNT, who)
        calls, rest = cursor.fetchone()
    return max(1, rest) if calls > settings.API_CALLS_PER_MINUTE else 0
