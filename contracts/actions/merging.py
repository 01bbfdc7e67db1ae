"""Merging a vendor that was entered twice into the one that is kept: looked at first, all or nothing, never by itself."""

from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F

from contracts.models import Contract
from lib.errors import Conflict, RuleBroken
from lib.transitions import move
from organisations.actions import require
from organisations.models import ApiKey, Invitation, Membership, Vendor
from organisations.rules import INVITATION_MOVES, InvitationStatus
from organisations.tenancy import TenantModel


@dataclass(frozen=True)
class Merge:
    """What merging would do: what moves from the duplicate to the vendor that is kept, and what stands against it."""

    duplicate: Vendor
    kept: Vendor
    contracts: list[Contract]
    people: list[Membership]
    keys: list[ApiKey]
    invitations: list[Invitation]  # those that are open
    identifiers: list[Any]
    problems: list[str]


def plan_merge(*, duplicate: Vendor, kept: Vendor) -> Merge:
    """Look, and change nothing. The number of statements grows with the number of tables alone."""
    numbers = {row.scheme: row.value for row in kept.identifiers.all()}
    moving = list(duplicate.identifiers.order_by("scheme"))
    return Merge(
        duplicate,
        kept,
        list(Contract.objects.filter(vendor=duplicate).only("reference", "title", "vendor_id").order_by("reference")),
        list(Membership.objects.people().filter(vendor=duplicate).order_by("name", "pk")),
        list(ApiKey.objects.filter(vendor=duplicate).order_by("name", "pk")),
        list(Invitation.objects.undecided().filter(vendor=duplicate).order_by("email")),
        [row for row in moving if row.scheme not in numbers],
        [*_states(duplicate, kept), *_numbers(moving, numbers, kept), *_records(duplicate)],
    )


@transaction.atomic
def merge_vendors(
    *, by: Membership, duplicate: Vendor, kept: Vendor, version: int, kept_version: int, now: datetime
) -> Merge:
    """Move everything of the duplicate to the vendor that is kept; the duplicate stays on record and names the other.

    `version`, `kept_version`: of the two vendors as they were seen; Conflict where either was changed since. RuleBroken with all that
    stands against it: their numbers contradict each other, or records of the duplicate that nobody rewrites.
    """
    require(by, "vendor.merge")
    if duplicate.pk == kept.pk:
        raise MergeRefused(_states(duplicate, kept))
    for vendor, seen in ((duplicate, version), (kept, kept_version)):
        if not Vendor.objects.filter(pk=vendor.pk, version=seen).update(version=F("version") + 1):
            raise Conflict("version", f"Somebody else changed {vendor.name} meanwhile. Look at the two again.")
        vendor.refresh_from_db()
    plan = plan_merge(duplicate=duplicate, kept=kept)
    if plan.problems:
        raise MergeRefused(plan.problems)
    _make_way(duplicate, kept, plan, now)
    _move_rows(duplicate, kept)
    for contract in Contract.objects.filter(pk__in=[one.pk for one in plan.contracts]):
        # Files name the vendor by its code: the next one must name the one that is kept.
        document = {**contract.document, "vendor": {"code": kept.code, "name": kept.name}}
        Contract.objects.filter(pk=contract.pk).update(document=document, version=F("version") + 1)
    Vendor.objects.filter(pk=duplicate.pk).update(merged_into_code=kept.code)
    return plan


class MergeRefused(RuleBroken):
    """The two are not merged, and nothing was changed. `problems` are all reasons."""

    problems: list[str]

    def __init__(self, problems: list[str]) -> None:
        super().__init__("merge", problems[0])
        self.problems = problems


def _states(duplicate: Vendor, kept: Vendor) -> list[str]:
    if duplicate.pk == kept.pk:
        return ["Choose two different vendors."]
    return [
        f"{one.name} ({one.code}) was merged into {one.merged_into_code} already. Choose that vendor instead."
        for one in (duplicate, kept)
        if one.merged_into_code
    ]


def _numbers(moving: list[Any], numbers: dict[str, str], kept: Vendor) -> list[str]:
    return [
        f"{row.scheme} is {row.value} here and {numbers[row.scheme]} at {kept.name}: these are two companies. "
        "Correct the number that is wrong first."
        for row in moving
        if numbers.get(row.scheme, row.value) != row.value
    ]


def _records(duplicate: Vendor) -> list[str]:
    """Records are written once: who submitted what, what was posted and what was restated stays under the name it was done under."""
    kept = [model for model in _models() if not _may_be_moved(model)]
    if not any(model.objects.filter(vendor=duplicate).exists() for model in kept):
        return []
    return [
        f"{duplicate.name} ({duplicate.code}) has reported figures or posted credits. Such records are not rewritten: keep this "
        "vendor, and merge the other into it."
    ]


def _models() -> list[Any]:
    """Every table whose rows belong to a vendor, in the order of its keys: first what others point at."""
    found: dict[Any, set[Any]] = {
        model: {field.related_model for field in model._meta.local_concrete_fields if field.is_relation} - {model}
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        and any(field.column == "vendor_id" for field in model._meta.local_concrete_fields)
    }
    return [model for model in TopologicalSorter(found).static_order() if model in found]


def _may_be_moved(model: Any) -> bool:
    return "UPDATE" in model.STAFF_ACCESS and not model.APPEND_ONLY


def _make_way(duplicate: Vendor, kept: Vendor, plan: Merge, now: datetime) -> None:
    """What both have once stays the kept one's: the same number, and an open invitation of the same address."""
    duplicate.identifiers.exclude(pk__in=[row.pk for row in plan.identifiers]).delete()
    invited = set(Invitation.objects.undecided().filter(vendor=kept).values_list("email", flat=True))
    for invitation in plan.invitations:
        if invitation.email in invited:
            move(invitation, InvitationStatus.REVOKED, INVITATION_MOVES, decided_at=now)


def _move_rows(duplicate: Vendor, kept: Vendor) -> None:
    """All rows at once: keys between them hold again at the end, and are looked at then."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for model in _models():
        if _may_be_moved(model):
            model.objects.filter(vendor=duplicate).update(vendor=kept)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
