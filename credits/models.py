"""The ledger of service credits, and proposals to waive some of them.

The tables keep the names from when credits and breaches were one app: a release that renames them could not run beside the one before it.
"""

from django.db import models
from django.db.models import F, Q

from contracts.models import Contract
from credits.querysets import LedgerQuerySet
from credits.rules import EntryKind, WaiverStatus
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
    """A month's credit that is not to be taken on an invoice for now. `held_for` is a free reference to what it waits for.

    A month can be held for several things; it is free once all are released.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"  # with the dispute that causes it: disputes/walls
    CALLED = ("contract", "month")

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="holds")
    month = models.DateField()
    held_for = models.CharField(max_length=40)
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


class WaiverProposal(TenantModel):
    """Somebody proposes to let a month's credit go, in whole or in part; another person decides. The vendor does not see it."""

    CALLED = ("contract", "month")
    ACTORS = {"proposed_by_id": "", "decided_by_id": ""}

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="waiver_proposals")
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
