"""Finding people, invitations and vendors of the organisation in scope."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from organisations.rules import InvitationStatus, Role


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
        return self.annotate(seen_at=models.F("presences__seen_at"), factor=models.F("presences__factor"))


class InvitationQuerySet(models.QuerySet[Any]):
    def open(self, now: datetime) -> "InvitationQuerySet":
        """Whose link works, the first to lapse first."""
        return self.filter(status=InvitationStatus.OPEN, expires_at__gt=now).order_by("expires_at", "pk")

    def lapsed(self, now: datetime) -> "InvitationQuerySet":
        """Neither accepted nor revoked, and too old."""
        return self.filter(status=InvitationStatus.OPEN, expires_at__lte=now).order_by("-expires_at", "-pk")


class VendorQuerySet(models.QuerySet[Any]):
    def current(self) -> "VendorQuerySet":
        """Without duplicates that were merged into others."""
        return self.filter(merged_into_code="").order_by("name", "code")
