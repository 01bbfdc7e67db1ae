"""Breaches that someone must deal with, the plans that end them, and what both sides say about it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from breaches.querysets import BreachQuerySet, PlanQuerySet, StepQuerySet
from breaches.rules import LIVE, Status
from breaches.rules.consequences import ConsequenceStatus
from breaches.rules.plans import STANDS, Cause, EntryKind, PlanStatus
from contracts.models import Contract, Period
from files.models import StoredFile, in_its_folder
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel
from slas.models import ServiceLevel


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


class Breach(TenantModel):
    """A default (or missing default) that someone must deal with. One per slot; it outlives a restatement of the result."""

    CALLED = ("service_level", "period")
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
    plan = TenantForeignKey(CorrectivePlan, null=True, related_name="breaches")
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
            models.Index(fields=["organisation", "plan"], name="breach_plan", condition=Q(plan__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"breach {self.pk}"

    @property
    def stands(self) -> str:
        """Its status in words; under a plan, how far that is. The plan is to be loaded with it."""
        plan = self.plan if self.status == Status.PLAN else None
        return STANDS.get(plan.status, "") if plan else self.get_status_display()


class ThreadEntry(TenantModel):
    """A line of a breach's thread that both sides read: a message, or something that happened. Kept for ever."""

    CALLED = ("breach", "kind")
    VENDOR_ACCESS = "SELECT, INSERT"
    STAFF_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    breach = TenantForeignKey(Breach, related_name="entries")
    kind = models.CharField(max_length=12, choices=EntryKind)
    text = models.TextField(blank=True)
    cause = models.CharField(
        max_length=10, choices=Cause, blank=True, default="", db_default=""
    )  # as the vendor sees it
    by = TenantForeignKey(Membership, null=True, related_name="+")  # null: it happened by itself
    by_name = models.CharField(max_length=120, blank=True)
    from_vendor = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organisation", "breach", "at"], name="entry_breach"),
            models.Index(fields=["organisation", "at"], name="entry_at"),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class InternalNote(TenantModel):
    """What the client's people write for each other about a breach. The vendor's role has no right to this table."""

    CALLED = ("breach",)
    STAFF_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    breach = TenantForeignKey(Breach, related_name="notes")
    text = models.TextField()
    by = TenantForeignKey(Membership, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organisation", "breach", "at"], name="note_breach")]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class ThreadFile(StoredFile):
    """A file that came with a line of a thread. Both sides have it; nothing of it is taken away."""

    CALLED = ("name", "entry")
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    FOLDER = "threads"
    ADDRESS = "thread-file"
    PLACE = "entry__breach__service_level"
    STILL_NEEDED = Q(entry__breach__status__in=LIVE)

    vendor = TenantForeignKey(Vendor, related_name="+")
    entry = TenantForeignKey(ThreadEntry, related_name="files")

    class Meta(StoredFile.Meta):
        constraints = [*StoredFile.Meta.constraints, in_its_folder("threads")]
        indexes = [models.Index(fields=["organisation", "entry"], name="threadfile_entry")]

    @property
    def place(self) -> tuple[str, str]:
        return _place(self.entry.breach)


class NoteFile(StoredFile):
    """A file that came with an internal note. The vendor's role has no right to this table either."""

    CALLED = ("name", "note")
    FOLDER = "notes"
    ADDRESS = "note-file"
    PLACE = "note__breach__service_level"
    STILL_NEEDED = Q(note__breach__status__in=LIVE)

    note = TenantForeignKey(InternalNote, related_name="files")

    class Meta(StoredFile.Meta):
        constraints = [*StoredFile.Meta.constraints, in_its_folder("notes")]
        indexes = [models.Index(fields=["organisation", "note"], name="notefile_note")]

    @property
    def place(self) -> tuple[str, str]:
        return _place(self.note.breach)


def _place(breach: Breach) -> tuple[str, str]:
    return f"Breach of {breach.service_level.name}, {breach.month:%B %Y}", f"breaches/{breach.pk}/"


class Consequence(TenantModel):
    """What a triggered rule leads to, as an item that somebody decides about: one for each run of months in which the rule holds.

    It outlives a correction that makes the rule not hold any more. No vendor's role has a right to this table.
    """

    CALLED = ("contract", "rule", "since")
    ACTORS = {"decided_by_id": "decided_by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="consequences")
    service_level = TenantForeignKey(ServiceLevel, null=True, related_name="+")  # null: the rule is over the contract
    rule = models.TextField()  # its name in the contract
    then = models.CharField(max_length=20)
    since = models.DateField()  # the month from which on it holds
    last_month = models.DateField()  # the last one in which it does
    measured = models.DecimalField(max_digits=40, decimal_places=12)  # what was counted in that month
    opened_at = models.DateTimeField()
    usable_until = models.DateField(null=True)  # day of the contract; null: for as long as it lasts
    status = models.CharField(max_length=9, choices=ConsequenceStatus, default=ConsequenceStatus.OPEN)
    reason = models.TextField(blank=True)
    decided_by = TenantForeignKey(Membership, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    # The insert is a statement of its own, which does not name it.
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contract", "rule", "service_level", "since"],
                name="consequence_run",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="consequence_months", condition=Q(last_month__gte=F("since"))),
        ]
        indexes = [
            models.Index(fields=["organisation", "status", "-since"], name="consequence_status"),
            models.Index(
                fields=["organisation", "usable_until"],
                name="consequence_ends",
                condition=Q(status=ConsequenceStatus.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}, {self.since:%B %Y}"
