"""When members are here, and with which second factor: noted by the door, a few times an hour at most."""

from datetime import date, datetime, timedelta
from functools import cache

from allauth.mfa.models import Authenticator
from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from organisations.house import HOUSE_COLUMNS
from organisations.models import Membership, OrganisationSettings, Presence
from organisations.rules import Factor, needs_second_factor

FINE_ENOUGH = timedelta(minutes=10)


def with_presence(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Memberships with `factor`, what the person's account has now, `noted_at` and `noted_factor`, what was noted last, `asked` and
    `asked_from`, whom the organisation asks for a second factor, and with the organisation's house. Outside a scope, in the same
    statement as the membership."""
    asked = OrganisationSettings.unscoped.filter(organisation_id=OuterRef("organisation_id"))
    of_person = Authenticator.objects.filter(user_id=OuterRef("user_id"))
    types = Authenticator.Type
    return with_house(memberships).annotate(
        noted_at=F("presences__seen_at"),
        noted_factor=F("presences__factor"),
        asked=Subquery(asked.values("second_factor")[:1]),
        asked_from=Subquery(asked.values("second_factor_from")[:1]),
        factor=Case(
            When(Exists(of_person.filter(type=types.WEBAUTHN)), then=Value(Factor.PASSKEY)),
            When(Exists(of_person.filter(type=types.TOTP)), then=Value(Factor.CODE)),
            default=Value(Factor.NONE),
            output_field=CharField(),
        ),
    )


def memberships_of(user_id: int) -> list[Membership]:
    """A person's active memberships with that, and with the person, by name of the organisation. One statement, outside a scope:
    inside one, the others are not there."""
    return list(_everybody().filter(user_id=user_id))


@cache
def _everybody() -> QuerySet[Membership]:
    """Put together once: the door asks at every request, and to put this together takes two milliseconds of it."""
    found = Membership.unscoped.filter(is_active=True).select_related("organisation", "user")
    return with_presence(found).order_by("organisation__name")


def second_factor_due(member: Membership) -> date | None:
    """The day from which a member whom `with_presence` found must have a second factor, where the account has none yet."""
    found = vars(member)
    if found["factor"] != Factor.NONE or not needs_second_factor(found["asked"] or "", of_vendor=member.is_vendor):
        return None
    return found["asked_from"] or date.min


def with_house(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Memberships with what `Membership.house` is made of. Outside a scope."""
    rows = OrganisationSettings.unscoped.filter(organisation_id=OuterRef("organisation_id"))
    values = JSONObject(**{name: name for name in HOUSE_COLUMNS})
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
