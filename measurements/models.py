"""What vendors report: submissions of a contract's month, the figures in them, and the evidence for these."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Max, Q

from contracts.models import Contract, Period
from files.models import StoredFile, in_its_folder
from measurements.rules import LIVE, Status, StepKind, in_preparation
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantModel
from slas.models import ServiceLevel


def _prepared(path: str = "") -> Q:
    """The figures that their vendor has not submitted as they are now; `path` leads to the submission."""
    changed = {f"{path}status": Status.RETURNED, f"{path}saved_at__gt": F(f"{path}decided_at")}
    return Q(**{f"{path}by_vendor": True}) & (Q(**{f"{path}status": Status.DRAFT}) | Q(**changed))


class Submission(TenantModel):
    """The figures of one contract for the periods that end in one month. A correction is a new revision; nothing is overwritten.

    The accepted revision holds all figures of the month; the one before it becomes superseded and stays.
    """

    CALLED = ("contract", "month", "revision")
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    ACTORS = {"submitted_by_id": "submitted_by_name", "decided_by_id": "decided_by_name"}
    CLOSED_TO_STAFF = _prepared()

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, models.CASCADE, related_name="submissions")
    month = models.DateField()  # first day
    revision = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    reason = models.TextField(blank=True)  # why a correction was made
    source = models.CharField(max_length=200, blank=True)  # file name, where figures came by file
    submitted_by = TenantForeignKey(Membership, null=True, related_name="+")
    submitted_by_name = models.CharField(max_length=120, blank=True)
    submitted_at = models.DateTimeField(null=True)
    decided_by = TenantForeignKey(Membership, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)
    due_again_on = models.DateField(null=True)  # where it was returned: the last day for handing it over again
    saved_by_name = models.CharField(max_length=120, blank=True)  # who wrote its figures last, and when
    saved_at = models.DateTimeField(null=True)
    by_vendor = models.BooleanField(default=False)  # begun by its people: closed to the client until it is submitted
    version = models.PositiveIntegerField(default=1, db_default=1)  # counted up by every write that people look at
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contract", "month", "revision"], name="submission_revision"
            ),
            models.UniqueConstraint(
                fields=["organisation", "contract", "month"],
                name="submission_one_accepted",
                condition=Q(status=Status.ACCEPTED),
            ),
            models.UniqueConstraint(
                fields=["organisation", "contract", "month"], name="submission_one_live", condition=Q(status__in=LIVE)
            ),
            models.CheckConstraint(
                name="submission_not_decided_by_submitter",
                condition=Q(decided_by__isnull=True) | Q(submitted_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="submission_submitted_pair",
                condition=Q(submitted_at__isnull=True, status=Status.DRAFT) | Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "month"], name="submission_month"),
            # what waits, and what was decided on lately: whoever announces it looks no further back
            models.Index(
                fields=["organisation", "submitted_at"], name="submission_waiting", condition=Q(status=Status.SUBMITTED)
            ),
            models.Index(
                fields=["organisation", "decided_at"],
                name="submission_decided",
                condition=Q(status__in=[Status.RETURNED, Status.ACCEPTED]),
            ),
        ]
        ordering = ["month", "revision"]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}, revision {self.revision}"

    @property
    def reference(self) -> str:
        """What people call it on the telephone: SUB-2610-0017. It stays the same when it is submitted again."""
        return f"SUB-{self.month:%y%m}-{self.pk:04d}"

    @property
    def day_of_return(self) -> date | None:
        """The last day for handing it over again, while it is returned."""
        return self.due_again_on if self.status == Status.RETURNED else None

    def is_closed_to(self, member: Membership | None) -> bool:
        """Whether it is the vendor's work in progress, of which the client's people see that it is there, and nothing in it."""
        if member is None or member.vendor_id is not None or not self.by_vendor:
            return False
        return in_preparation(self.status, self.saved_at, self.decided_at)

    def handed_over_at(self) -> datetime | None:
        """When it was submitted last, also where it was withdrawn since. One statement."""
        last: datetime | None = self.steps.filter(kind=StepKind.SUBMITTED).aggregate(last=Max("at"))["last"]
        return max((at for at in (last, self.submitted_at) if at), default=None)


class Step(TenantModel):
    """One step in the life of a submission, kept for ever: the submission itself knows only when it was last submitted and decided."""

    CALLED = ("submission", "kind")
    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT, INSERT"
    ACTORS = {"by_id": "by_name"}
    APPEND_ONLY = True

    vendor = TenantForeignKey(Vendor, related_name="+")
    submission = TenantForeignKey(Submission, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=9, choices=StepKind)
    by = TenantForeignKey(Membership, null=True, related_name="+")
    by_name = models.CharField(max_length=120, blank=True)  # empty: the system
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    declaration = models.TextField(blank=True, db_default="")  # of a submission: what its submitter declared, by name
    checksum = models.CharField(max_length=64, blank=True, db_default="")  # of the figures as they were then
    # of a return: service level, period and reason of single figures
    figures = models.JSONField(default=list, blank=True, db_default=[])

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organisation", "submission"], name="step_submission"),
            # what was submitted lately has a receipt; what was withdrawn lately may be late after all
            models.Index(fields=["organisation", "at"], name="step_submitted", condition=Q(kind=StepKind.SUBMITTED)),
            models.Index(fields=["organisation", "at"], name="step_withdrawn", condition=Q(kind=StepKind.WITHDRAWN)),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.kind}"


def number_field() -> models.DecimalField:
    """A reported number: 12 digits before and 6 after the point, as the figures file allows."""
    return models.DecimalField(max_digits=18, decimal_places=6, null=True)


class Figure(TenantModel):
    """One row of the figures file: what was reported for a service level, period and part."""

    CALLED = ("service_level", "period", "part")
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    CLOSED_TO_STAFF = _prepared("submission__")

    vendor = TenantForeignKey(Vendor, related_name="+")
    submission = TenantForeignKey(Submission, models.CASCADE, related_name="figures")
    service_level = TenantForeignKey(ServiceLevel, models.CASCADE, related_name="+")
    period = TenantForeignKey(Period, related_name="+")
    part = models.CharField(max_length=80, blank=True)
    numerator = number_field()
    denominator = number_field()
    value = number_field()
    downtime = number_field()
    maintenance = number_field()
    relieved = number_field()
    incident = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)
    fed_by = models.CharField(max_length=120, blank=True, default="", db_default="")  # the key that reported it, if any
    fed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "submission", "service_level", "period", "part"], name="figure_slot_part"
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "service_level", "period"], name="figure_slot"),
            # which service levels report by part: their figures are summed
            models.Index(fields=["organisation", "service_level"], name="figure_part", condition=~Q(part="")),
        ]

    def __str__(self) -> str:
        return f"{self.service_level_id} {self.period_id} {self.part}"


class GrantedRelief(TenantModel):
    """Cases or minutes of a slot and part that do not count, as the client granted them. The figure's `relieved` is this and nothing else.

    The amount is the whole of it: what was granted later replaces it. Also a history that came by file, or figures that the
    client's people report, may carry what was granted elsewhere (`imported`).
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT"
    ACTORS = {"by_id": "by_name"}
    CALLED = ("service_level", "period", "part")

    vendor = TenantForeignKey(Vendor, related_name="+")
    service_level = TenantForeignKey(ServiceLevel, related_name="+")
    period = TenantForeignKey(Period, related_name="+")
    part = models.CharField(max_length=80, blank=True)
    relieved = models.DecimalField(max_digits=18, decimal_places=6)
    imported = models.BooleanField(default=False)
    by = TenantForeignKey(Membership, null=True, related_name="+")  # null: the system, with a history
    by_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "service_level", "period", "part"], name="granted_relief_once"
            ),
            models.CheckConstraint(name="granted_relief_amount", condition=Q(relieved__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.relieved} of {self.service_level_id} {self.period_id} {self.part}"


class ReportedPeriod(TenantModel):
    """How many slots of a period a submission has figures for: counted when figures are written, so that lists need not.

    It says nothing of the figures themselves, so the client sees of a draft that it grows.
    """

    VENDOR_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    AUDITED = False  # counted from figures, which are

    vendor = TenantForeignKey(Vendor, related_name="+")
    submission = TenantForeignKey(Submission, models.CASCADE, related_name="+")
    period = TenantForeignKey(Period, models.CASCADE, related_name="+")
    slots = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "submission", "period"], name="reported_period_once")
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.period_id}: {self.slots}"


class Evidence(StoredFile):
    """A file that shows where figures come from; it stays with its revision."""

    CALLED = ("name", "submission")
    ACTORS = StoredFile.ACTORS | {"answered_by_id": "answered_by_name"}
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    CLOSED_TO_STAFF = _prepared("submission__")
    FOLDER = "evidence"
    ADDRESS = "evidence"
    PLACE = "submission__contract"
    STILL_NEEDED = Q(submission__status__in=LIVE)

    vendor = TenantForeignKey(Vendor, related_name="+")
    submission = TenantForeignKey(Submission, models.CASCADE, related_name="evidence")
    service_level = TenantForeignKey(ServiceLevel, models.CASCADE, null=True, related_name="+")
    description = models.CharField(max_length=500, blank=True)
    replaces = TenantForeignKey("self", null=True, related_name="replaced_by")  # the older file, which stays beside it
    answer = models.CharField(max_length=500, blank=True, default="", db_default="")  # to whether it is the right file
    answered_by = TenantForeignKey(Membership, null=True, related_name="+")
    answered_by_name = models.CharField(max_length=120, blank=True, default="", db_default="")

    class Meta(StoredFile.Meta):
        constraints = [*StoredFile.Meta.constraints, in_its_folder("evidence")]
        indexes = [
            models.Index(fields=["organisation", "submission"], name="evidence_submission"),
            models.Index(fields=["organisation", "sha256"], name="evidence_sha256"),
        ]

    @property
    def place(self) -> tuple[str, str]:
        of = self.submission
        return f"{of.contract.reference}, {of.month:%B %Y}", f"submissions/{of.pk}/"


class ImportBatch(TenantModel):
    """A figures file that is looked at and not saved yet: its rows as they came, and what is wrong with some of them.

    It is its maker's alone, and swept after two days. What the client's people look at has no vendor, so that the vendor's never see it.
    """

    STAFF_ACCESS = "SELECT, INSERT, DELETE"
    VENDOR_ACCESS = "SELECT, INSERT, DELETE"
    ACTORS = {"by_id": ""}
    AUDITED = False  # nothing of it is in force; what is saved from it is

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")
    contract = TenantForeignKey(Contract, models.CASCADE, related_name="+")
    by = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    filename = models.CharField(max_length=200)
    rows = models.JSONField()  # [line, {column: text}], in order
    local = models.BooleanField(db_default=False)  # whether its writer's decimals are commas
    hidden_rows = models.IntegerField(db_default=0)  # that are read, although its reader does not see them
    problems = models.JSONField()  # [line or null, column, message], in order
    made_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organisation", "made_at"], name="importbatch_made")]

    def __str__(self) -> str:
        return self.filename
