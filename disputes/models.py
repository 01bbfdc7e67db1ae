"""What a vendor asks of the client about a month: relief, and another judgement of a result; and until when it can."""

from django.db import models
from django.db.models import Q

from contracts.models import Contract, Period
from disputes.querysets import HearingQuerySet
from disputes.rules import DisputeGround, DisputeStatus, HearingKind, ReliefGround, ReliefStatus
from files.models import StoredFile, in_its_folder
from measurements.models import Submission, number_field
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel
from slas.models import ServiceLevel


class PublishedMonth(TenantModel):
    """The day, of the contract, on which a month was published last: from then on its results can be disputed for some working days.

    Where a month is not published, the days count from the judgement of the result.
    """

    CALLED = ("contract", "month")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="+")
    month = models.DateField()  # first day
    published_on = models.DateField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "contract", "month"], name="published_month_once"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}, published on {self.published_on}"


class Hearing(TenantModel):
    """What both have in common: the slot and part that it is about, what the vendor says, and the client's answer."""

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    ACTORS = {"asked_by_id": "asked_by_name", "ruled_by_id": "ruled_by_name"}
    CALLED = ("service_level", "period")

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="+")
    service_level = TenantForeignKey(ServiceLevel, related_name="+")
    period = TenantForeignKey(Period, related_name="+")
    month = models.DateField()  # the month in which the period ends
    part = models.CharField(max_length=80, blank=True)
    explanation = models.TextField()
    asked_by = TenantForeignKey(Membership, related_name="+")
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    answer_by = models.DateField()  # last day of the contract on which the answer is in time
    escalated_at = models.DateTimeField(null=True)  # when it was not; it stays open
    reason = models.TextField(blank=True)  # of the ruling
    ruled_by = TenantForeignKey(Membership, null=True, related_name="+")
    ruled_by_name = models.CharField(max_length=120, blank=True)
    ruled_at = models.DateTimeField(null=True)
    # The accepted figures when it was asked, and those that a ruling put right: both stay.
    counted = TenantForeignKey(Submission, null=True, related_name="+")
    corrected = TenantForeignKey(Submission, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = TenantManager.from_queryset(HearingQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


# Ruled: by whom and when, and only then.
RULED = Q(status__in=["open", "withdrawn"], ruled_by=None, ruled_at=None) | (
    ~Q(status__in=["open", "withdrawn"]) & Q(ruled_by__isnull=False, ruled_at__isnull=False)
)


class ReliefRequest(Hearing):
    """Cases, or minutes, that should not count."""

    status = models.CharField(max_length=9, choices=ReliefStatus, default=ReliefStatus.OPEN)
    ground = models.CharField(max_length=11, choices=ReliefGround)
    amount = models.DecimalField(max_digits=18, decimal_places=6)  # asked for: cases, or minutes of an availability
    granted = number_field()  # null until it is ruled on

    class Meta(Hearing.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "service_level", "period", "part"],
                name="relief_one_open",
                condition=Q(status=ReliefStatus.OPEN),
            ),
            models.CheckConstraint(name="relief_ruled", condition=RULED),
            models.CheckConstraint(
                name="relief_amount", condition=Q(amount__gt=0) & (Q(granted=None) | Q(granted__lte=models.F("amount")))
            ),
            models.CheckConstraint(
                name="relief_granted",
                condition=Q(status__in=["open", "withdrawn"], granted=None)
                | Q(status="refused", granted=0)
                | Q(status__in=["granted", "partly"], granted__gt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "contract", "month"], name="relief_month"),
            models.Index(fields=["organisation", "status", "answer_by"], name="relief_status"),
            models.Index(fields=["organisation", "asked_at"], name="relief_asked"),
        ]


class Dispute(Hearing):
    """A result that the vendor contradicts: with another figure, or another reading of the contract.

    `counted` and `result_revision` say what was contradicted; the numbers are the vendor's own, null where it gives none.
    """

    status = models.CharField(max_length=9, choices=DisputeStatus, default=DisputeStatus.OPEN)
    ground = models.CharField(max_length=11, choices=DisputeGround)
    result_revision = models.PositiveIntegerField()
    numerator = number_field()
    denominator = number_field()
    value = number_field()
    downtime = number_field()
    maintenance = number_field()

    class Meta(Hearing.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "service_level", "period"],
                name="dispute_one_open",
                condition=Q(status=DisputeStatus.OPEN),
            ),
            models.CheckConstraint(name="dispute_ruled", condition=RULED),
        ]
        indexes = [
            models.Index(fields=["organisation", "contract", "month"], name="dispute_month"),
            models.Index(fields=["organisation", "status", "answer_by"], name="dispute_status"),
            models.Index(fields=["organisation", "asked_at"], name="dispute_asked"),
        ]


class HearingEntry(TenantModel):
    """A line of the thread of a relief request or a dispute, for both sides: a message, or what happened. Kept for ever."""

    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}
    CALLED = ("dispute", "relief_request", "kind")

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="+")
    relief_request = TenantForeignKey(ReliefRequest, null=True, related_name="entries")
    dispute = TenantForeignKey(Dispute, null=True, related_name="entries")
    kind = models.CharField(max_length=9, choices=HearingKind)
    text = models.TextField(blank=True)
    by = TenantForeignKey(Membership, null=True, related_name="+")  # null: it happened by itself
    by_name = models.CharField(max_length=120, blank=True)
    from_vendor = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                name="hearing_entry_of_one",
                condition=Q(relief_request__isnull=False, dispute=None) | Q(relief_request=None, dispute__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "at"], name="hearing_entry_at"),
            models.Index(fields=["organisation", "relief_request", "at"], name="hearing_entry_relief"),
            models.Index(fields=["organisation", "dispute", "at"], name="hearing_entry_dispute"),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class HearingFile(StoredFile):
    """A file that came with a line of a hearing's thread: what shows the case. Both sides have it; nothing of it is taken away."""

    CALLED = ("name", "entry")
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    FOLDER = "hearings"
    ADDRESS = "hearing-file"
    PLACE = "entry__contract"
    STILL_NEEDED = Q(entry__dispute__status=DisputeStatus.OPEN) | Q(entry__relief_request__status=ReliefStatus.OPEN)

    vendor = TenantForeignKey(Vendor, related_name="+")
    entry = TenantForeignKey(HearingEntry, related_name="files")

    class Meta(StoredFile.Meta):
        constraints = [*StoredFile.Meta.constraints, in_its_folder("hearings")]
        indexes = [models.Index(fields=["organisation", "entry"], name="hearingfile_entry")]

    @property
    def place(self) -> tuple[str, str]:
        entry = self.entry
        what, path = ("Dispute", "disputes") if entry.dispute_id else ("Relief request", "relief")
        return f"{what}, {entry.contract.reference}", f"{path}/{entry.dispute_id or entry.relief_request_id}/"
