"""Breaches that someone must deal with, and what both sides say about them."""

from django.db import models
from django.db.models import Q

from breaches.models.plans import CorrectivePlan
from breaches.querysets import BreachQuerySet
from breaches.rules import LIVE, Status
from breaches.rules.escalation import Severity
from breaches.rules.plans import Cause, EntryKind, stands_as
from contracts.models import Contract, Period
from files.models import StoredFile, in_its_folder
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel
from slas.models import ServiceLevel


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
    severity = models.CharField(
        max_length=8, choices=Severity, default=Severity.MAJOR, db_default=Severity.MAJOR
    )  # filled by sql/severity.sql alone
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
        return stands_as(self.status, plan.status if plan else None)


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
