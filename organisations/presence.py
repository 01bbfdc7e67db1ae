"""When members are here, and with which second factor: noted by the door, a few times an hour at most."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from organisations.models import Membership, OrganisationSettings, Presence
from organisations.rules import Factor

FINE_ENOUGH = timedelta(minutes=10)


def with_presence(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Memberships with `factor`, what the person's account has now, `noted_at` and `noted_factor`, what was noted last, and
    with the organisation's house. Outside a scope, in the same statement as the membership."""
    of_person = Authenticator.objects.filter(user_id=OuterRef("user_id"))
    types = Authenticator.Type
    return with_house(memberships).annotate(
        noted_at=F("presences__seen_at"),
        noted_factor=F("presences__factor"),
        factor=Case(
            When(Exists(of_person.filter(type=types.WEBAUTHN)), then=Value(Factor.PASSKEY)),
            When(Exists(of_person.filter(type=types.TOTP)), then=Value(Factor.CODE)),
            default=Value(Factor.NONE),
            output_field=CharField(),
        ),
    )


def with_house(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Memberships with what `Membership.house` is made of. Outside a scope."""
    rows = OrganisationSettings.unscoped.filter(organisation_id=OuterRef("organisation_id"))
    values = JSONObject(timezone="timezone", bands="bands", logo_hash="logo_hash", version="version")
    return memberships.annotate(house_values=Subquery(rows.values(values=values)[:1]))


def note_presence(member: Membership, now: datetime) -> None:
    """Note that a member whom `with_presence` found is here, unless that is known closely enough. In the member's scope."""
    found = vars(member)
    if found.get("noted_at") and now - found["noted_at"] < FINE_ENOUGH and found["noted_factor"] == found["factor"]:
        return
    factor = found.get("factor", Factor.NONE)
    Presence.objects.bulk_create(
        [Presence(member=member, vendor_id=member.vendor_id, seen_at=now, factor=factor)],
        update_conflicts=True,
        unique_fields=["organisation", "member"],
        update_fields=["seen_at", "factor", "vendor"],
    )
