"""Finding contracts and who is in charge of them."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Count, F, Func, Max, Min, OuterRef, Q, Subquery, Value

from contracts.rules import DUTY_ROLES


class LocalDay(Func):
    """The day of a moment in the time zone of a column: `LocalDay(Value(now), F("timezone"))`."""

    template = "(%(expressions)s)::date"
    arg_joiner = " AT TIME ZONE "
    output_field = models.DateField()


def local_day(now: datetime, zone: str) -> LocalDay:
    """The contract's day; `zone` is the way to its column `timezone`."""
    return LocalDay(Value(now, output_field=models.DateTimeField()), F(zone))


class Span(NamedTuple):
    """Of some contracts: the earliest first day, how many they are, and the furthest day that it is for one of them."""

    first: date | None
    contracts: int
    today: date | None
    held: tuple[int, ...] = ()  # ids of those that the member is in charge of

    def this_month(self, now: datetime) -> date:
        """The furthest month that has begun for one of them; without contracts the one that runs in UTC."""
        return (self.today or now.date()).replace(day=1)


class OwnerQuerySet(models.QuerySet[Any]):
    def on(self, day: date) -> "OwnerQuerySet":
        """In charge, or to stand in, on a day of the contract."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def in_force(self, now: datetime) -> "OwnerQuerySet":
        """On today's day of each contract, and only people who are active and still have a role that fits."""
        fits = Q()
        for duty, roles in DUTY_ROLES.items():
            fits |= Q(duty=duty, member__role__in=sorted(roles))
        found = self.alias(today=local_day(now, "contract__timezone")).filter(fits, member__is_active=True)
        return found.filter(Q(ends_on=None) | Q(ends_on__gte=F("today")), starts_on__lte=F("today"))

    def living(self, day: date) -> "OwnerQuerySet":
        """In charge on a day of the contract, or named for a later one; the one in charge first, then by day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day)).order_by("is_deputy", "starts_on", "pk")


class ContractQuerySet(models.QuerySet[Any]):
    def span(self, now: datetime, member_id: int) -> Span:
        """When they begin, how many they are, the day, and which of them are the member's own (`mine`). One statement."""
        found = self.order_by().aggregate(
            first=Min("starts_on"),
            contracts=Count("pk"),
            today=Max(local_day(now, "timezone")),
            held=ArrayAgg("pk", filter=self._in_charge(member_id, now), default=[]),
        )
        return Span(**found | {"held": tuple(found["held"])})

    def mine(self, member_id: int, now: datetime) -> "ContractQuerySet":
        """Contracts that the member is in charge of today, or stands in for whoever is. Who is away still has their own."""
        return self.filter(self._in_charge(member_id, now))

    def _in_charge(self, member_id: int, now: datetime) -> Q:
        owners = self.model._meta.get_field("owners").related_model.objects
        return Q(pk__in=owners.in_force(now).filter(member_id=member_id).values("contract"))

    def with_failure(self) -> "ContractQuerySet":
        """With the step of the work that fails for the contract, as `failed_step`, `failed_because`, `failing_since` and `try_at`.

        For the client's people alone: a vendor's do not see the queue.
        """
        queue = self.model._meta.get_field("reevaluations").related_model.objects
        failing = queue.filter(contract=OuterRef("pk"), failures__gt=0)
        names = ("failed_step", "failed_because", "failing_since", "try_at")
        return self.annotate(**{name: Subquery(failing.values(name)) for name in names})
