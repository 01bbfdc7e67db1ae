"""Corrective plans: what the client asks for, and what the vendor sends."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from breaches.querysets import PlanQuerySet, StepQuerySet
from breaches.rules.plans import Cause, PlanStatus
from contracts.models import Contract
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel


class CorrectivePlan(TenantModel):
    """What the client asks of the vendor for one or several breaches of a contract, and how it decided on what came.

    Only the client's side writes it: what the vendor writes stands in proposals and their steps.
    """

    CALLED = ("contract", "asked_at")
    VENDOR_ACCESS = "SELECT"
    ACTORS = {"asked_by_id": "asked_by_name", "decided_by_id": "decided_by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="plans")
    status = models.CharField(max_length=9, choices=PlanStatus, default=PlanStatus.ASKED)
    request = models.TextField()
    due_on = models.DateField()  # day of the contract by which the plan is asked for
    asked_by = TenantForeignKey(Membership, related_name="+")
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    decided_revision = models.PositiveSmallIntegerField(default=0)  # of the proposal decided on last; 0: of none yet
    decision_reason = models.TextField(blank=True)
    decided_by = TenantForeignKey(Membership, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    verify_after = models.PositiveSmallIntegerField()  # periods met in a row
    counts_from = models.DateField(null=True)  # periods that begin after it count; null: no plan is accepted
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = TenantManager.from_queryset(PlanQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organisation", "status", "due_on"], name="plan_status")]
        constraints = [
            models.CheckConstraint(
                name="plan_decided",
                condition=Q(decided_revision=0, decided_at=None) | Q(decided_revision__gt=0, decided_at__isnull=False),
            ),
            models.CheckConstraint(name="plan_counts", condition=~Q(status="accepted", counts_from=None)),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanProposal(TenantModel):
    """One edition of a plan as the vendor sent it. Never changed: a plan that was sent back is answered by the next edition."""

    CALLED = ("plan", "revision")
    VENDOR_ACCESS = "SELECT, INSERT"
    STAFF_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    plan = TenantForeignKey(CorrectivePlan, related_name="proposals")
    revision = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=10, choices=Cause)
    cause_text = models.TextField()
    by = TenantForeignKey(Membership, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "plan", "revision"], name="proposal_revision"),
            models.CheckConstraint(name="proposal_from_one", condition=Q(revision__gt=0)),
        ]
        ordering = ["revision"]

    def __str__(self) -> str:
        return f"edition {self.revision}"


class PlanStep(TenantModel):
    """One step of a proposal."""

    CALLED = ("text",)
    VENDOR_ACCESS = "SELECT, INSERT"
    STAFF_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True

    vendor = TenantForeignKey(Vendor, related_name="+")
    proposal = TenantForeignKey(PlanProposal, related_name="steps")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    owner = models.CharField(max_length=120)
    due_on = models.DateField(null=True)  # null: goes on for as long as the plan

    # Of `with_reports`.
    done: bool | None
    done_at: datetime | None
    done_by_name: str | None

    objects = TenantManager.from_queryset(StepQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "proposal", "position"], name="step_position"),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text


class StepReport(TenantModel):
    """The vendor says that a step is done, or that it is not after all. The last one counts."""

    CALLED = ("step",)
    VENDOR_ACCESS = "SELECT, INSERT"
    STAFF_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    step = TenantForeignKey(PlanStep, related_name="reports")
    done = models.BooleanField()
    by = TenantForeignKey(Membership, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organisation", "step", "at"], name="report_step"),
            models.Index(fields=["organisation", "at"], name="report_at"),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return "done" if self.done else "not done"
