"""Scorecards: a contract's month as one number, with how much of it was measured, and its editions as they were published."""

from django.db import models
from django.db.models import Q

from contracts.models import Contract
from evaluation.models import money_field
from lib.exact import ExactField
from lib.exact_json import ExactJSONField
from organisations.models import Membership, Vendor
from organisations.tenancy import DerivedModel, TenantForeignKey, TenantManager, TenantModel
from scorecards.querysets import PublicationQuerySet
from scorecards.rules import checksum_of


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
        return " ".join(self.checksum[at : at + 4] for at in range(0, 12, 4))


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
