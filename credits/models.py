"""The ledger of service credits, and proposals to waive some of them.

The tables keep the names from when credits and breaches were one app: a release that renames them could not run beside the one before it.
"""

from django.db import models
from django.db.models import F, Q

from contracts.models import Contract
from credits.querysets.ledger import LedgerQuerySet
from credits.rules import ClaimStatus, EntryKind, ReconciliationStatus, WaiverStatus
from evaluation.models import money_field
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel


class LedgerEntry(TenantModel):
    """One movement of a contract's service credits. Append-only: the balance is the sum.

    `month` is the month whose performance the entry is about, `posted_in` the month in whose books it stands.
    `amount` is positive where the vendor owes more, negative where less. `number` counts the entries of one kind about one month,
    so that two workers, or two people, cannot post the same thing at the same moment.
    """

    CALLED = ("contract", "month", "kind")
    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT"
    ACTORS = {"approved_by_id": ""}
    APPEND_ONLY = True  # for everybody: a mistake is put right by another entry
    ON_INSERT = ("credits_refuse_held", "waivers_of_one")

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="ledger")
    month = models.DateField()
    posted_in = models.DateField()
    kind = models.CharField(max_length=12, choices=EntryKind)
    number = models.PositiveSmallIntegerField(default=1)
    amount = money_field()
    capped_amount = money_field()  # for forgone: what the cap cut; else 0
    reason = models.TextField(blank=True)
    reference = models.CharField(max_length=80, blank=True)  # invoice number
    proposed_by = TenantForeignKey(Membership, null=True, related_name="+")
    approved_by = TenantForeignKey(
        Membership, null=True, related_name="+"
    )  # of a waiver null: an amount that one person may waive
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager.from_queryset(LedgerQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        db_table = "breaches_ledgerentry"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "contract", "month", "kind", "number"], name="ledger_once"),
            models.CheckConstraint(name="ledger_one_accrual", condition=~Q(kind=EntryKind.ACCRUAL) | Q(number=1)),
            models.CheckConstraint(
                name="ledger_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="ledger_waiver_has_somebody",
                condition=~Q(kind=EntryKind.WAIVER) | Q(proposed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="ledger_signs",
                condition=Q(kind__in=[EntryKind.ADJUSTMENT, EntryKind.INVOICE], capped_amount=0)
                | Q(kind=EntryKind.FORGONE, amount=0)
                | Q(kind=EntryKind.ACCRUAL, amount__gte=0, capped_amount=0)
                | Q(kind=EntryKind.WAIVER_BACK, amount__gt=0, capped_amount=0)
                | Q(kind__in=[EntryKind.EARN_BACK, EntryKind.WAIVER], amount__lt=0, capped_amount=0),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "month"],
                name="ledger_waived",
                condition=Q(kind__in=[EntryKind.WAIVER, EntryKind.WAIVER_BACK]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} for {self.month:%Y-%m}"


class CreditHold(TenantModel):
    """A month's credit, or a part of it, that is not taken on an invoice for now. `held_for` is a free reference to what it waits for.

    A month can be held for several things, each of which holds its own part; it is free once all are released. `result_id` is the result
    whose points make the part; without one the whole month is held.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"  # with the dispute that causes it: disputes/walls
    CALLED = ("contract", "month")

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="holds")
    month = models.DateField()
    held_for = models.CharField(max_length=40)
    result_id = models.BigIntegerField(null=True)  # of evaluation; free, since a result can be worked out again
    amount = models.DecimalField(max_digits=20, decimal_places=4, null=True)  # null: all of the month
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "held_for"], name="hold_of")]
        indexes = [
            models.Index(
                fields=["organisation", "contract", "month"], name="hold_in_force", condition=Q(released_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}, {self.held_for}"


class CreditClaim(TenantModel):
    """A month's credit that one person claims and another approves, until it has arrived. The vendor sees it once it is approved.

    `amount` is what was claimed, negative where the vendor gets something back; it never changes. `taken` is what went on the invoice:
    less, where the month was restated in between. The ledger has an entry from then on.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT"
    SHARED_COLUMN = "shared"
    CALLED = ("reference",)
    ACTORS = {
        "claimed_by_id": "claimed_by_name",
        "decided_by_id": "decided_by_name",
        "invoiced_by_id": "invoiced_by_name",
        "recovered_by_id": "recovered_by_name",
    }

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="claims")
    month = models.DateField()
    reference = models.CharField(max_length=80)  # what accounts payable knows it by
    amount = money_field()
    taken = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    status = models.CharField(max_length=11, choices=ClaimStatus, default=ClaimStatus.CLAIMED)
    shared = models.BooleanField(
        default=False, db_default=False
    )  # with the vendor: once it is approved, and from then on
    claim_by = models.DateField(null=True)  # the last day for it when it was claimed
    claimed_by = TenantForeignKey(Membership, related_name="+")
    claimed_by_name = models.CharField(max_length=200)
    claimed_at = models.DateTimeField()
    decided_by = TenantForeignKey(Membership, null=True, related_name="+")  # who approved, declined or withdrew it
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decline_reason = models.TextField(blank=True)
    invoice = models.CharField(max_length=80, blank=True)
    invoiced_on = models.DateField(null=True)
    invoiced_by = TenantForeignKey(Membership, null=True, related_name="+")
    invoiced_by_name = models.CharField(max_length=200, blank=True)
    recovered_on = models.DateField(null=True)
    payment = models.CharField(max_length=80, blank=True)  # what accounts payable calls the payment
    recovered_by = TenantForeignKey(Membership, null=True, related_name="+")
    recovered_by_name = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "reference"], name="claim_reference"),
            models.UniqueConstraint(
                fields=["organisation", "contract", "month"],
                name="claim_one_waits",
                condition=Q(status=ClaimStatus.CLAIMED),
            ),
            models.CheckConstraint(name="claim_of_something", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="claim_two_people",
                condition=Q(status__in=[ClaimStatus.CLAIMED, ClaimStatus.WITHDRAWN])
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("claimed_by")),
            ),
            models.CheckConstraint(
                name="claim_on_invoice",
                condition=~Q(status__in=[ClaimStatus.INVOICED, ClaimStatus.RECOVERED])
                | Q(taken__isnull=False, invoiced_on__isnull=False) & ~Q(invoice=""),
            ),
            models.CheckConstraint(
                name="claim_recovered",
                condition=~Q(status=ClaimStatus.RECOVERED) | Q(recovered_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "contract", "month"], name="claim_month"),
            models.Index(fields=["organisation", "claimed_at"], name="claim_made_lately"),
            models.Index(fields=["organisation", "decided_at"], name="claim_decided_lately"),
        ]

    def __str__(self) -> str:
        return self.reference


class ColumnTemplate(TenantModel):
    """The columns in which accounts payable wants claims, in order, with the heads that its program knows."""

    columns = models.JSONField()  # [name of a column, head], in order
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="columntemplate_name")]

    def __str__(self) -> str:
        return self.name


class Reconciliation(TenantModel):
    """A file of accounts payable: what its rows say was paid, looked at first and then booked. What came of each row is kept."""

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    CALLED = ("filename",)
    ACTORS = {"by_id": "", "booked_by_id": ""}
    AUDITED = False  # what is booked from it is, claim by claim

    filename = models.CharField(max_length=200)
    rows = models.JSONField()  # [line, {column: text}], in order
    outcomes = models.JSONField(default=list)  # of each row when it was booked: credits.reconciling
    status = models.CharField(max_length=9, choices=ReconciliationStatus, default=ReconciliationStatus.LOOKED_AT)
    by = TenantForeignKey(Membership, related_name="+")
    made_at = models.DateTimeField()
    booked_by = TenantForeignKey(Membership, null=True, related_name="+")
    booked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organisation", "made_at"], name="reconciliation_made")]

    def __str__(self) -> str:
        return self.filename


class WaiverProposal(TenantModel):
    """Somebody proposes to let a month's credit go, in whole or in part; another person decides. The vendor does not see it."""

    CALLED = ("contract", "month")
    ACTORS = {"proposed_by_id": "", "decided_by_id": ""}

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="waiver_proposals")
    claim = TenantForeignKey(
        "CreditClaim", null=True, related_name="write_offs"
    )  # to be written off; null: not claimed
    month = models.DateField()
    amount = money_field()  # to be waived: positive
    reason = models.TextField()
    decline_reason = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=WaiverStatus, default=WaiverStatus.PROPOSED)
    proposed_by = TenantForeignKey(Membership, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = TenantForeignKey(Membership, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)  # counted up by every write that people look at

    class Meta(TenantModel.Meta):
        db_table = "breaches_waiverproposal"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contract", "month"],
                name="waiver_one_proposed",
                condition=Q(status=WaiverStatus.PROPOSED),
            ),
            models.CheckConstraint(name="waiver_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="waiver_decided",
                condition=Q(status=WaiverStatus.PROPOSED, decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(status=WaiverStatus.PROPOSED) & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="waiver_two_people",
                condition=~Q(status=WaiverStatus.APPROVED) | ~Q(decided_by=F("proposed_by")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "decided_at"],
                name="waiver_decided_lately",
                condition=Q(status__in=[WaiverStatus.APPROVED, WaiverStatus.DECLINED]),
            )
        ]

    def __str__(self) -> str:
        return f"waiver of {self.amount} for {self.month:%Y-%m}"
