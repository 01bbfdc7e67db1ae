"""Finding people, invitations and vendors of the organisation in scope."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery

from organisations.rules import Factor, InvitationStatus, Role


class MembershipQuerySet(models.QuerySet[Any]):
    def people(self) -> "MembershipQuerySet":
        """Members who are persons. API keys act as members, too: they get no letters and let nobody in."""
        return self.filter(user__isnull=False)

    def active(self) -> "MembershipQuerySet":
        """Persons who may come in."""
        return self.people().filter(is_active=True)

    def administrators(self) -> "MembershipQuerySet":
        """Those who can let others in."""
        return self.active().filter(role=Role.ADMINISTRATOR)

    def matching(self, words: str) -> "MembershipQuerySet":
        """Whose name, address or vendor has these words."""
        return self.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(vendor__name__icontains=words))

    def with_presence(self) -> "MembershipQuerySet":
        """With `seen_at` and `factor`, null for who was never here. The same statement."""
        return self.annotate(seen_at=F("presences__seen_at"), factor=F("presences__factor"))

    def without_factor(self) -> "MembershipQuerySet":
        """Who was last here without a second factor, or never."""
        return self.exclude(presences__factor__in=[Factor.PASSKEY, Factor.CODE])

    def with_charges(self, day: date) -> "MembershipQuerySet":
        """With `charges`, how many contracts the member is in charge of on a day, and `deputies`, for how many they stand in.

        Contracts stand above and point down here, so they are asked through that relation.
        """
        here = Q(owned__starts_on__lte=day) & (Q(owned__ends_on=None) | Q(owned__ends_on__gte=day))
        own, other = here & Q(owned__is_deputy=False), here & Q(owned__is_deputy=True)
        return self.annotate(
            charges=Count("owned__contract", filter=own, distinct=True),
            deputies=Count("owned__contract", filter=other, distinct=True),
        )

    def with_bounce(self) -> "MembershipQuerySet":
        """With `bounced_at` and `bounce_reason` where letters to the present address came back. The same statement. Letters stand
        above and point down here, so they are asked through that relation."""
        bounces = self.model._meta.get_field("bounces").related_model.objects
        of_address = bounces.filter(member=OuterRef("pk"), address=OuterRef("email"))
        return self.annotate(
            bounced_at=Subquery(of_address.values("at")[:1]), bounce_reason=Subquery(of_address.values("reason")[:1])
        )

    def count_factors(self, strong: Collection[str]) -> dict[str, int]:
        """How many are `staff` and `vendors`' people, and how many of them were last seen with one of these second factors
        (`staff_factor`, `vendors_factor`). One statement."""
        has_one = Q(presences__factor__in=strong)
        counts: dict[str, int] = self.aggregate(
            staff=Count("pk", filter=Q(vendor=None)),
            vendors=Count("pk", filter=Q(vendor__isnull=False)),
            staff_factor=Count("pk", filter=has_one & Q(vendor=None)),
            vendors_factor=Count("pk", filter=has_one & Q(vendor__isnull=False)),
        )
        return counts


class InvitationQuerySet(models.QuerySet[Any]):
    def open(self, now: datetime) -> "InvitationQuerySet":
        """Whose link works, the first to lapse first."""
        return self.filter(status=InvitationStatus.OPEN, expires_at__gt=now).order_by("expires_at", "pk")

    def undecided(self) -> "InvitationQuerySet":
        """Neither accepted nor revoked, lapsed or not."""
        return self.filter(status=InvitationStatus.OPEN)

    def lapsed(self, now: datetime) -> "InvitationQuerySet":
        """Neither accepted nor revoked, and too old."""
        return self.filter(status=InvitationStatus.OPEN, expires_at__lte=now).order_by("-expires_at", "-pk")

    def with_delivery(self) -> "InvitationQuerySet":
        """With `sent_at` and `failure`, how the letter of the present edition fared. Letters stand above and point down here."""
        latest = Q(letters__edition=F("edition"))
        return self.annotate(
            sent_at=Max("letters__sent_at", filter=latest),
            failure=Max("letters__last_error", filter=latest & Q(letters__given_up_at__isnull=False)),
        )


class VendorQuerySet(models.QuerySet[Any]):
    def current(self) -> "VendorQuerySet":
        """Without duplicates that were merged into others."""
        return self.filter(merged_into_code="").order_by("name", "code")

    def matching(self, words: str) -> "VendorQuerySet":
        """Whose name or code has these words."""
        return self.filter(Q(name__icontains=words) | Q(code__icontains=words))

    def with_people(self) -> "VendorQuerySet":
        """With `people`, how many of its people may come in."""
        here = Q(memberships__is_active=True, memberships__user__isnull=False)
        return self.annotate(people=Count("memberships", filter=here))

    def held_by(self, member_id: int, now: datetime) -> "VendorQuerySet":
        """Vendors of a contract that the member is in charge of. Contracts stand above and point down here, so they are asked
        through that relation."""
        contracts = self.model._meta.get_field("contracts").related_model.objects
        return self.filter(Exists(contracts.mine(member_id, now).filter(vendor=OuterRef("pk"))))


class ApiKeyQuerySet(models.QuerySet[Any]):
    def live(self, now: datetime) -> "ApiKeyQuerySet":
        """Keys that let somebody in."""
        return self.filter(revoked_at=None, expires_at__gt=now)

    def ending(self, now: datetime, before: datetime) -> "ApiKeyQuerySet":
        """Live ones that end before a moment, and have no successor."""
        return self.live(now).filter(expires_at__lte=before, rotated_at=None)

    def looked_after_by(self, member: Any) -> "ApiKeyQuerySet":
        """All for an administrator, those of the vendor's people for a vendor's manager, else one's own."""
        if member.role == Role.ADMINISTRATOR:
            return self
        return self.filter(owner__vendor=member.vendor_id) if member.is_vendor else self.filter(owner=member)

    def listed(self) -> "ApiKeyQuerySet":
        """With owner, vendor and `last_used_at`; the live ones first, then the newest. One statement."""
        found = self.select_related("owner", "vendor").annotate(last_used_at=models.F("member__api_use__last_used_at"))
        return found.order_by(models.F("revoked_at").asc(nulls_first=True), "-created_at", "-pk")
