"""Calls that programs may repeat: what was answered the first time is answered again."""

from django.db import models

from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantModel


class RepeatableCall(TenantModel):
    """A call that came with an `Idempotency-Key`, and its answer; kept for a day. It is its caller's alone."""

    STAFF_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    ACTORS = {"by_id": ""}
    CALLED = ("key",)
    AUDITED = False  # what the call changed is

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the caller's
    by = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # of method, address and body, SHA-256
    answer_status = models.PositiveSmallIntegerField(null=True)  # null: not answered yet
    answer = models.TextField(blank=True)  # JSON
    made_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "by", "key"], name="repeatable_call_once")]
        indexes = [models.Index(fields=["organisation", "made_at"], name="repeatable_call_made")]

    def __str__(self) -> str:
        return self.key
