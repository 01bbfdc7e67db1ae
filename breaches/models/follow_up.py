"""What follows from rules and from breaches on the client's side: decisions, escalation, who watches."""

from django.db import models
from django.db.models import F, Q

from breaches.models.breaches import Breach
from breaches.rules.consequences import ConsequenceStatus
from breaches.rules.excusals import Ending, ExcusalStatus
from contracts.models import Contract
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantModel
from slas.models import ServiceLevel


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


class ConsequenceStep(TenantModel):
    """What became of an item, step by step: decided by somebody and why, withdrawn and open again by corrections. Kept for ever.

    No vendor's role has a right to this table either.
    """

    CALLED = ("consequence", "status")
    STAFF_ACCESS = "SELECT, INSERT"
    APPEND_ONLY = True
    ACTORS = {"by_id": "by_name"}

    consequence = TenantForeignKey(Consequence, related_name="steps")
    status = models.CharField(max_length=9, choices=ConsequenceStatus)  # what it became
    reason = models.TextField(blank=True)
    by = TenantForeignKey(Membership, null=True, related_name="+")  # null: by a correction
    by_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organisation", "consequence", "at"], name="consequence_step")]
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.get_status_display()


class Escalation(TenantModel):
    """A rung of the ladder of a breach that nobody has acknowledged: when somebody else is told, and since when they have been.

    One without `due_at` says that the ladder has none for the breach, by settings of which version: it joins the ladder when that has some.
    The next rung is planned when one is reached; it is dropped where the breach was acknowledged. No vendor's role has a right to it.
    """

    CALLED = ("breach", "rung")
    AUDITED = False  # planned by the clock; whom it told is an event, and those are only ever added

    breach = TenantForeignKey(Breach, related_name="escalations")
    opened_at = models.DateTimeField()  # the breach's, so that one that opens again begins at the foot
    rung = models.PositiveSmallIntegerField()  # place in the ladder of organisations.ladder
    due_at = models.DateTimeField(null=True)
    counted_from = models.DateTimeField(
        null=True
    )  # of a breach that joined later; null: its working hours count from its opening
    reached_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=120, blank=True)  # of the rung, as it was
    told = models.TextField(blank=True)  # names, as they were
    # Of the organisation's settings by which it was planned, or looked at since: a changed ladder is followed by what is planned, too.
    settings_version = models.PositiveIntegerField(default=0, db_default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "breach", "opened_at", "rung"], name="escalation_rung"),
        ]
        indexes = [
            models.Index(fields=["organisation", "due_at"], name="escalation_due", condition=Q(reached_at=None)),
            models.Index(fields=["organisation", "settings_version"], name="escalation_planned_by"),
        ]
        ordering = ["opened_at", "rung"]

    def __str__(self) -> str:
        return f"rung {self.rung}"


class Watcher(TenantModel):
    """One of the client's people wants to know whatever is said or done about a breach. No vendor's role has a right to this table."""

    CALLED = ("member", "breach")

    breach = TenantForeignKey(Breach, related_name="watchers")
    member = TenantForeignKey(Membership, related_name="+")
    name = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "breach", "member"], name="watcher_once")]
        indexes = [models.Index(fields=["organisation", "member"], name="watcher_member")]

    def __str__(self) -> str:
        return self.name


class Excusal(TenantModel):
    """Somebody excuses a breach, or waives it: at once where little credit hangs on it, else when another person agrees.

    The vendor reads the outcome in the thread; no vendor's role has a right to this table.
    """

    CALLED = ("breach", "ending")
    ACTORS = {"proposed_by_id": "proposed_by_name", "decided_by_id": "decided_by_name"}

    vendor = TenantForeignKey(Vendor, related_name="+")
    breach = TenantForeignKey(Breach, related_name="excusals")
    ending = models.CharField(max_length=7, choices=Ending)
    reason = models.TextField()
    amount = models.DecimalField(
        max_digits=20, decimal_places=4
    )  # the breach's share of the month's credit at that time
    status = models.CharField(max_length=9, choices=ExcusalStatus, default=ExcusalStatus.PROPOSED)
    proposed_by = TenantForeignKey(Membership, related_name="+")
    proposed_by_name = models.CharField(max_length=120)
    proposed_at = models.DateTimeField()
    decided_by = TenantForeignKey(Membership, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)  # why it was declined
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "breach"], name="excusal_one_open", condition=Q(status=ExcusalStatus.PROPOSED)
            ),
            models.CheckConstraint(
                name="excusal_two_people",
                condition=~Q(status=ExcusalStatus.AGREED)
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "breach"], name="excusal_breach"),
            models.Index(fields=["organisation", "proposed_at"], name="excusal_proposed"),
        ]

    def __str__(self) -> str:
        return f"{self.ending}, {self.status}"
