"""Breaches that someone must deal with."""

from django.db import models
from django.db.models import Q

from breaches.querysets import BreachQuerySet
from breaches.rules import Status
from contracts.models import Contract, Period
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel
from slas.models import ServiceLevel


class Breach(TenantModel):
    """A default (or missing default) that someone must deal with. One per slot; it outlives a restatement of the result."""

    VENDOR_ACCESS = "SELECT"
    ACTORS = {"acknowledged_by_id": "acknowledged_by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="breaches")
    service_level = TenantForeignKey(ServiceLevel, related_name="breaches")
    period = TenantForeignKey(Period, related_name="+")
    starts_on = models.DateField()  # with the service level: the slot, as in Result
    month = models.DateField()
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()
    acknowledged_by = TenantForeignKey(Membership, null=True, related_name="+")
    # Vendors' people do not see the client's memberships: what they are shown of who acted is the name as it was.
    acknowledged_by_name = models.CharField(max_length=120, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)  # counted up by every write that people look at

    objects = TenantManager.from_queryset(BreachQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "service_level", "starts_on"], name="breach_of_slot"),
            models.CheckConstraint(
                name="breach_acknowledged_pair",
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "status", "opened_at"], name="breach_status"),
            models.Index(fields=["organisation", "-month", "-opened_at", "-id"], name="breach_latest"),
            models.Index(fields=["organisation", "contract", "month"], name="breach_month"),
        ]

    def __str__(self) -> str:
        return f"breach {self.pk}"
