"""Revisions of contracts: what is being written, what was put to both sides, and who said what to it.

Terms in force are written by nothing else once a contract is live. What the client writes is in a table that vendors cannot reach; what
it sends stands in editions that nobody changes.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from agreements.rules import LONGEST_TITLE, BulkKind, BulkPart, BulkStatus, Status, StepKind
from contracts.models import Contract
from files.models import StoredFile, in_its_folder
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantModel


class RevisionDraft(TenantModel):
    """The proposed contract while the client writes it. The vendor's role has no right to this table.

    `document` is the text of the whole contract file as somebody typed it; it need not be readable yet. `base` is the file of the contract
    from which it was made, at `base_version`.
    """

    CALLED = ("contract", "title")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    ACTORS = {"saved_by_id": "saved_by_name"}

    contract = TenantForeignKey(Contract, related_name="drafts")
    title = models.CharField(max_length=LONGEST_TITLE)
    reason = models.TextField(blank=True)
    document = models.TextField()
    base = models.TextField()
    base_version = models.PositiveIntegerField()
    effective_on = models.DateField(null=True)  # first day of what changes; null: nothing that has a day, or unreadable
    # The clause text that somebody wrote, by the code of the service level: `text`, and `instead_of` which generated one.
    clauses = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    writers = ArrayField(models.BigIntegerField(), default=list)  # users who wrote any of it: none of them approves it
    saved_by = TenantForeignKey(Membership, related_name="+")
    saved_by_name = models.CharField(max_length=120)
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # of what is written; the revision's own is of what is decided

    def __str__(self) -> str:
        return self.title


class Revision(TenantModel):
    """A change of a contract on its way from a draft into force. `edition` is the latest that was submitted or proposed; 0: none yet."""

    CALLED = ("contract", "number")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, UPDATE"
    SHARED_COLUMN = "shared"
    ACTORS = {"author_id": "author_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=11, choices=Status, default=Status.DRAFT)
    draft = TenantForeignKey(RevisionDraft, related_name="revisions")
    edition = models.PositiveSmallIntegerField(default=0)
    shared = models.BooleanField(default=False)  # the vendor was asked at least once
    author = TenantForeignKey(Membership, related_name="+")
    author_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "contract", "number"], name="revision_number"),
            models.UniqueConstraint(fields=["organisation", "draft"], name="revision_draft"),
            models.CheckConstraint(name="revision_shared", condition=Q(shared=True) | ~Q(status="with_vendor")),
        ]
        indexes = [models.Index(fields=["organisation", "status"], name="revision_status")]

    def __str__(self) -> str:
        return f"revision {self.number}"

    @property
    def current_edition(self) -> "RevisionEdition | None":
        """What was submitted or proposed last; None before the first time. One statement."""
        found: RevisionEdition | None = self.editions.filter(number=self.edition).first()
        return found

    @property
    def decided_with(self) -> "BulkRevision | None":
        """The bulk revision that waits for one approval of all, where this is one of it; None where it goes its own way. One statement."""
        waiting = BulkRevision.objects.filter(status=BulkStatus.SUBMITTED)
        found: BulkRevision | None = waiting.filter(parts__revision=self, parts__edition=self.edition).first()
        return found


class RevisionEdition(TenantModel):
    """The proposed contract as it was submitted, or as the vendor proposed it instead. What is approved and consented to is this.

    `needed` is how many have to approve it. `impact` and `fingerprint` are of the replay that they saw; empty where there was none.
    """

    CALLED = ("revision", "number")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT"
    SHARED_COLUMN = "shared"
    APPEND_ONLY = True
    APPEND_ONLY_BUT = ("shared",)
    ACTORS = {"by_id": "by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    revision = TenantForeignKey(Revision, related_name="editions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=LONGEST_TITLE)
    reason = models.TextField()
    document = models.TextField()  # the contract file, in the form in which this product writes it
    checksum = models.CharField(max_length=64)
    clauses = models.JSONField(
        null=True
    )  # the clause text of each service level by its code; null: kept before texts were
    base = models.TextField()
    base_version = models.PositiveIntegerField()
    effective_on = models.DateField(null=True)
    new_end = models.DateField(null=True)  # the contract's last day, where it is another than before; null: it stays
    dated_back = models.BooleanField(default=False)
    needed = models.PositiveSmallIntegerField()
    writers = ArrayField(models.BigIntegerField())
    impact = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    from_vendor = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    by = TenantForeignKey(Membership, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "revision", "number"], name="edition_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"edition {self.number}"


class RevisionStep(TenantModel):
    """Something that happened to a revision. `edition` is the number of the edition it happened to; `person` the user who approved."""

    CALLED = ("revision", "kind")
    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT, INSERT"
    SHARED_COLUMN = "shared"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    revision = TenantForeignKey(Revision, related_name="steps")
    edition = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=StepKind)
    text = models.TextField(blank=True)
    by = TenantForeignKey(Membership, null=True, related_name="+")  # null: it happened by itself
    by_name = models.CharField(max_length=120, blank=True)
    person = models.BigIntegerField(null=True)
    from_vendor = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "revision", "edition", "person"],
                condition=Q(kind="approved"),
                name="approved_once",
            ),
            models.CheckConstraint(name="step_person", condition=~Q(kind="approved", person=None)),
        ]
        indexes = [
            models.Index(fields=["organisation", "revision", "at"], name="revision_steps"),
            models.Index(fields=["organisation", "at"], name="revision_step_at"),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class BulkRevision(TenantModel):
    """The same change of many contracts, worked out and approved together. Each contract gets a revision of its own, and each vendor
    is asked about its own alone.

    `change` is what the change needs: the percentage or the index, the days, or the metric with its target; numbers as texts.
    """

    CALLED = ("title",)
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    ACTORS = {"author_id": "author_name"}

    kind = models.CharField(max_length=8, choices=BulkKind)
    change = models.JSONField()
    title = models.CharField(max_length=LONGEST_TITLE)
    reason = models.TextField()
    effective_on = models.DateField()
    status = models.CharField(max_length=11, choices=BulkStatus, default=BulkStatus.WORKING_OUT)
    needed = models.PositiveSmallIntegerField(default=0)  # approvals, by the sum; 0: never submitted
    writers = ArrayField(models.BigIntegerField())  # users who wrote any of it: none of them approves it
    author = TenantForeignKey(Membership, related_name="+")
    author_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="bulkrevision_list"),
            models.Index(fields=["organisation", "id"], name="bulkrevision_due", condition=Q(status="working_out")),
        ]

    def __str__(self) -> str:
        return self.title


class BulkRevisionContract(TenantModel):
    """A contract of a bulk revision: whether it can take the change, what that would have meant, and the revision that came of it.

    `figures` and `fingerprint` are of the replay that was seen, at `base_version` of the contract; `edition` the one of its revision that
    is decided on together.
    """

    CALLED = ("bulk_revision", "contract")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE, DELETE"

    bulk_revision = TenantForeignKey(BulkRevision, related_name="parts")
    contract = TenantForeignKey(Contract, related_name="+")
    status = models.CharField(max_length=8, choices=BulkPart, default=BulkPart.WAITING)
    problem = models.TextField(blank=True)  # why it cannot take the change
    base_version = models.PositiveIntegerField(null=True)
    figures = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    money = models.DecimalField(max_digits=20, decimal_places=6, null=True)  # charges of a year more, or credits more
    revision = TenantForeignKey(Revision, null=True, related_name="+")
    edition = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "bulk_revision", "contract"], name="bulkpart_once"),
            models.UniqueConstraint(fields=["organisation", "revision"], name="bulkpart_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.bulk_revision_id}: {self.contract_id}"


class RevisionFile(StoredFile):
    """A document that belongs to a revision: an annex, a signed letter, a drawing. Attached to a draft, it stays with every edition from
    `edition` on. The vendor sees it once the revision was sent with it."""

    CALLED = ("name", "revision")
    VENDOR_ACCESS = "SELECT"
    SHARED_COLUMN = "shared"
    FOLDER = "revisions"
    ADDRESS = "revision-file"
    PLACE = "revision__contract"
    STILL_NEEDED = ~Q(revision__status=Status.WITHDRAWN)

    vendor = TenantForeignKey(Vendor, related_name="+")
    revision = TenantForeignKey(Revision, related_name="files")
    edition = models.PositiveSmallIntegerField()  # the first that it belongs to
    description = models.CharField(max_length=500, blank=True)
    shared = models.BooleanField(default=False)

    class Meta(StoredFile.Meta):
        constraints = [*StoredFile.Meta.constraints, in_its_folder("revisions")]
        indexes = [models.Index(fields=["organisation", "revision"], name="revisionfile_revision")]

    @property
    def place(self) -> tuple[str, str]:
        of = self.revision
        return f"Revision {of.number}, {of.contract.reference}", f"revisions/{of.pk}/"
