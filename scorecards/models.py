"""Scorecards: a contract's month as one number, with how much of it was measured, and its editions as they were published."""

from hashlib import sha256

from django.db import models
from django.db.models import F, Q

from contracts.models import Contract
from evaluation.models import money_field
from lib.exact import ExactField
from lib.exact_json import ExactJSONField
from lib.texts import format_checksum
from organisations.models import Membership, Vendor
from organisations.tenancy import DerivedModel, TenantForeignKey, TenantManager, TenantModel
from scorecards.querysets import PublicationQuerySet
from scorecards.rules import MAKING, MOST_MONTHS, FileKind, PackStatus, Section, checksum_of


class Scorecard(DerivedModel):
    """Score, coverage and grade of a contract's month. Filled by evaluation/sql/scores.sql alone."""

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="scorecards")
    month = models.DateField()
    score = models.DecimalField(max_digits=40, decimal_places=12, null=True)
    coverage = models.DecimalField(max_digits=40, decimal_places=12)  # percent
    grade = models.TextField(null=True)
    provisional = models.BooleanField()  # a slot of the month is still pending
    # per KRA in order: kra (code), name, weight, due, score, coverage; of the contract's 100 points those it can earn (points) and those it
    # earned; levels: what serves it, in order, each [code, points, earned], null for those that neither earn nor lose
    kras = ExactJSONField()
    judged_at = models.DateTimeField()  # when the month was judged that this was built from

    class Meta(DerivedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "contract", "month"], name="scorecard_once")]
        indexes = [
            models.Index(fields=["organisation", "month"], name="scorecard_month"),
            # which months have a score that is not final yet
            models.Index(fields=["organisation", "month"], name="scorecard_provisional", condition=Q(provisional=True)),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.month:%Y-%m}: {self.score}"


class Publication(TenantModel):
    """One edition of a contract's month as somebody published it: the numbers as they were shown, kept for ever.

    `snapshot` is made by `scorecards.snapshot`; all its numbers are texts, so that `checksum` can be worked out again from what is stored.
    """

    CALLED = ("contract", "month", "edition")
    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="publications")
    month = models.DateField()
    edition = models.PositiveSmallIntegerField()  # from 1; a later one restates the month beside it
    snapshot = models.JSONField()
    checksum = models.CharField(max_length=64)  # SHA-256 of the snapshot
    # Of the snapshot, for lists that say which months have changed since.
    score = models.DecimalField(max_digits=40, decimal_places=12, null=True)
    points = ExactField()
    credit = money_field()
    word = models.TextField(blank=True)  # to the vendor
    answer_by = models.DateField()  # day of the contract; without an answer the vendor accepts
    by = TenantForeignKey(Membership, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    objects = TenantManager.from_queryset(PublicationQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contract", "month", "edition"], name="publication_edition"
            ),
            models.CheckConstraint(name="publication_from_one", condition=Q(edition__gt=0)),
        ]
        indexes = [models.Index(fields=["organisation", "month", "contract"], name="publication_month")]
        ordering = ["month", "edition"]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.month:%Y-%m}, edition {self.edition}"

    @property
    def is_intact(self) -> bool:
        """Whether the snapshot is the one that was published."""
        return checksum_of(self.snapshot) == self.checksum

    @property
    def short_checksum(self) -> str:
        """Enough of it to compare by eye."""
        return format_checksum(self.checksum)


class PublicationAcceptance(TenantModel):
    """The vendor accepts an edition."""

    CALLED = ("publication",)
    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    publication = TenantForeignKey(Publication, related_name="acceptances")
    by = TenantForeignKey(Membership, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "publication"], name="acceptance_once")]
        indexes = [models.Index(fields=["organisation", "at"], name="acceptance_at")]

    def __str__(self) -> str:
        return f"accepted by {self.by_name}"


class ReviewPack(TenantModel):
    """What is taken to a review meeting with a vendor: which contracts, which months, which sections, and what is said beside them.

    It is the client's own; its published versions are what is handed over.
    """

    CALLED = ("vendor", "last")
    ACTORS = {"begun_by_id": "begun_by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    first = models.DateField()  # month
    last = models.DateField()  # month
    meeting_on = models.DateField(null=True)
    begun_by = TenantForeignKey(Membership, related_name="+")
    begun_by_name = models.CharField(max_length=120)
    begun_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.CheckConstraint(name="pack_months", condition=Q(first__lte=F("last")))]
        indexes = [models.Index(fields=["organisation", "vendor", "-last"], name="pack_of_vendor")]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.first:%Y-%m} to {self.last:%Y-%m}"


class PackContract(TenantModel):
    """A contract that a pack is about."""

    CALLED = ("pack", "contract")

    pack = TenantForeignKey(ReviewPack, models.CASCADE, related_name="contracts")
    contract = TenantForeignKey(Contract, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "pack", "contract"], name="packcontract_once")]

    def __str__(self) -> str:
        return f"{self.pack_id}: {self.contract_id}"


class PackSection(TenantModel):
    """A section of a pack: whether it is in, where it stands, and what is said in it."""

    CALLED = ("pack", "name")

    pack = TenantForeignKey(ReviewPack, models.CASCADE, related_name="sections")
    name = models.CharField(max_length=12, choices=Section)
    position = models.PositiveSmallIntegerField()
    chosen = models.BooleanField(default=True)
    commentary = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "pack", "name"], name="packsection_once")]
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return f"{self.pack_id}: {self.name}"


class PackEdition(TenantModel):
    """A version of a pack as it was asked for, and how far it is. What it became stands in its files."""

    CALLED = ("pack", "number")
    ACTORS = {"asked_by_id": "asked_by_name", "published_by_id": "published_by_name"}
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"

    pack = TenantForeignKey(ReviewPack, related_name="editions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=9, choices=PackStatus, default=PackStatus.WAITING)
    pages = models.PositiveSmallIntegerField(null=True)
    changes = models.TextField(blank=True)  # against the version that was published before it
    failed_because = models.TextField(blank=True)
    asked_by = TenantForeignKey(Membership, related_name="+")
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    published_by = TenantForeignKey(Membership, null=True, related_name="+")
    published_by_name = models.CharField(max_length=120, blank=True)
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "pack", "number"], name="packedition_number"),
            # One is made at a time, so that nobody waits for what a colleague has asked for twice.
            models.UniqueConstraint(
                fields=["organisation", "pack"], name="packedition_making", condition=Q(status__in=MAKING)
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "id"], name="packedition_due", condition=Q(status__in=MAKING)),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.pack_id}, version {self.number}"


class PackFile(TenantModel):
    """A file of a version: its frozen content, the PDF, the workbook. Made once, never changed; what is published is this.

    The bytes lie in the database, some hundred kilobytes each: kept, restored and deleted with everything else.
    """

    CALLED = ("edition", "kind")
    STAFF_ACCESS = "SELECT, INSERT"
    AUDITED = False  # the version says who asked for it and when; the trail is no place for whole files
    APPEND_ONLY = True

    edition = TenantForeignKey(PackEdition, related_name="files")
    kind = models.CharField(max_length=7, choices=FileKind)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)  # hexadecimal

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "edition", "kind"], name="packfile_once")]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.kind}"

    @property
    def short_checksum(self) -> str:
        return format_checksum(self.sha256)

    @property
    def is_intact(self) -> bool:
        """Whether the bytes are those that were made."""
        return sha256(self.content).hexdigest() == self.sha256


class PackTemplate(TenantModel):
    """What an organisation's packs begin with: how many months, of one contract or all of a vendor's, which sections in which order."""

    CALLED = ("saved_by_name",)
    ACTORS = {"saved_by_id": "saved_by_name"}

    months = models.PositiveSmallIntegerField()
    every_contract = models.BooleanField()  # of the vendor's that run in these months; else the first of them
    sections = models.JSONField()  # [name, chosen] in order
    saved_by = TenantForeignKey(Membership, related_name="+")
    saved_by_name = models.CharField(max_length=120)
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation"], name="packtemplate_once"),
            models.CheckConstraint(name="packtemplate_months", condition=Q(months__range=(1, MOST_MONTHS))),
        ]

    def __str__(self) -> str:
        return f"template of {self.organisation_id}"

    @property
    def chosen(self) -> int:
        return sum(chosen for _, chosen in self.sections)


class PackHandover(TenantModel):
    """A published version as its vendor has it: copies of both files, so that nothing else of the client's packs is open to vendors.

    `contract`: the one that it is about; empty of several, and then it is for people who see all of the vendor's contracts.
    """

    CALLED = ("number", "last")
    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT"
    ACTORS = {"by_id": "by_name"}
    AUDITED = False  # whole files, as of a version; who published it is in the trail
    APPEND_ONLY = True

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, null=True, related_name="+")
    edition = TenantForeignKey(PackEdition, related_name="handovers")
    about = models.TextField()  # the contracts, for people
    number = models.PositiveSmallIntegerField()  # of the version
    first = models.DateField()  # month
    last = models.DateField()  # month
    changes = models.TextField(blank=True)
    pdf = models.BinaryField()
    pdf_sha256 = models.CharField(max_length=64)
    xlsx = models.BinaryField()
    xlsx_sha256 = models.CharField(max_length=64)
    by = TenantForeignKey(Membership, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "edition"], name="packhandover_once")]
        indexes = [models.Index(fields=["organisation", "vendor", "-at"], name="packhandover_of_vendor")]
        ordering = ["-last", "-number"]

    def __str__(self) -> str:
        return f"{self.edition_id} to {self.vendor_id}"
