"""Finding contracts and who is in charge of them."""

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery, Value
from django.db.models.expressions import RawSQL

from contracts.rules import DUTY_ROLES, ENDING_SOON
from organisations import kept_plans


class LocalDay(Func):
    """The day of a moment in the time zone of a column: `LocalDay(Value(now), F("timezone"))`."""

    template = "(%(expressions)s)::date"
    arg_joiner = " AT TIME ZONE "
    output_field = models.DateField()


def local_day(now: datetime, zone: str) -> LocalDay:
    """The contract's day; `zone` is the way to its column `timezone`."""
    return LocalDay(Value(now, output_field=models.DateTimeField()), F(zone))


class EndingContract(NamedTuple):
    """An agreed contract whose last day is near on its own clock."""

    pk: int
    reference: str
    title: str
    ends_on: date


class Span(NamedTuple):
    """Of some contracts: the earliest first day, how many they are, and the furthest day that it is for one of them."""

    first: date | None
    contracts: int
    today: date | None
    held: tuple[int, ...] = ()  # ids of those that the member is in charge of
    ending: tuple[EndingContract, ...] = ()  # those that end soon, the first one first

    def this_month(self, now: datetime) -> date:
        """The furthest month that has begun for one of them; without contracts the one that runs in UTC."""
        return (self.today or now.date()).replace(day=1)


# Owners in charge on the contract's day, active, and still with a role, and at a vendor, that fits. As text, since every list asks for
# one's own contracts, and to build a statement of so many conditions took longer than to run it. Values: now; now.
FITTING = ", ".join(f"('{duty}', '{role}')" for duty, roles in DUTY_ROLES.items() for role in sorted(roles))
IN_FORCE = f"""
SELECT o.id FROM contracts_owner AS o
JOIN contracts_contract AS c ON c.id = o.contract_id
JOIN organisations_membership AS m ON m.id = o.member_id
WHERE m.is_active AND (m.vendor_id IS NULL OR m.vendor_id = c.vendor_id) AND (o.duty, m.role) IN ({FITTING})
    AND o.starts_on <= (%s AT TIME ZONE c.timezone)::date
    AND (o.ends_on IS NULL OR o.ends_on >= (%s AT TIME ZONE c.timezone)::date)
"""  # noqa: S608  # of what people can do, all constants
# Contracts that a member holds. Values: the member, then those of IN_FORCE.
HELD = f"SELECT contract_id FROM contracts_owner WHERE member_id = %s AND id IN ({IN_FORCE})"  # noqa: S608
OF_MEMBER = HELD % ("%(member)s", "%(now)s", "%(now)s")
# Of the contracts in scope. Values by name: `member`, `now`.
SPAN = f"""
SELECT min(c.starts_on), count(*), max((%(now)s AT TIME ZONE c.timezone)::date), ARRAY({OF_MEMBER}),
    jsonb_agg(jsonb_build_array(c.id, c.reference, c.title, c.ends_on) ORDER BY c.ends_on, c.id) FILTER (
        WHERE c.agreed AND c.ends_on - (%(now)s AT TIME ZONE c.timezone)::date BETWEEN 0 AND {ENDING_SOON})::text
FROM contracts_contract AS c
"""  # noqa: S608


def held_by(member_id: int, now: datetime) -> tuple[int, ...]:
    """The ids of the contracts that a member is in charge of today, or stands in for whoever is. One statement."""
    return tuple(contract for (contract,) in kept_plans.rows(OF_MEMBER, {"member": member_id, "now": now}))


def span_from(row: tuple[Any, ...]) -> Span:
    """What SPAN found."""
    first, contracts, today, held, ending = row
    soon = tuple(
        EndingContract(pk, reference, title, date.fromisoformat(day))
        for pk, reference, title, day in json.loads(ending or "[]")
    )
    return Span(first, contracts, today, tuple(held), soon)


def span(now: datetime, member_id: int) -> Span:
    """When the contracts in scope begin, how many they are, the day, and which of them the member holds. One statement."""
    [row] = kept_plans.rows(SPAN, {"member": member_id, "now": now})
    return span_from(row)


class OwnerQuerySet(models.QuerySet[Any]):
    def on(self, day: date) -> "OwnerQuerySet":
        """In charge, or to stand in, on a day of the contract."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def in_force(self, now: datetime) -> "OwnerQuerySet":
        """On today's day of each contract, and only people who are active and still have a role that fits."""
        return self.filter(pk__in=RawSQL(IN_FORCE, [now, now]))  # noqa: S611

    def living(self, day: date) -> "OwnerQuerySet":
        """In charge on a day of the contract, or named for a later one; the one in charge first, then by day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day)).order_by("is_deputy", "starts_on", "pk")


class ContractQuerySet(models.QuerySet[Any]):
    def mine(self, member_id: int, now: datetime) -> "ContractQuerySet":
        """Contracts that the member is in charge of today, or stands in for whoever is. Who is away still has their own."""
        return self.filter(pk__in=RawSQL(HELD, [member_id, now, now]))  # noqa: S611

    def with_failure(self) -> "ContractQuerySet":
        """With the step of the work that fails for the contract, as `failed_step`, `failed_because`, `failing_since` and `try_at`.

        For the client's people alone: a vendor's do not see the queue.
        """
        queue = self.model._meta.get_field("reevaluations").related_model.objects
        failing = queue.filter(contract=OuterRef("pk"), failures__gt=0)
        names = ("failed_step", "failed_because", "failing_since", "try_at")
        return self.annotate(**{name: Subquery(failing.values(name)) for name in names})
