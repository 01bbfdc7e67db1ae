"""Contracts with vendors, their periods, and what must be judged again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from contracts.calendar import WorkingCalendar, due_on, local_day
from contracts.querysets import ContractQuerySet, OwnerQuerySet
from contracts.rules import REPORT_DUE, Duty, ExtensionStatus, in_force
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel


@dataclass(frozen=True)
class Clauses:
    """What is in force of a contract's dated parts on a day, in the full form of the contract file; `credits` are empty without any."""

    charges: Mapping[str, Any]
    calendar: Mapping[str, Any]
    report_due: int
    credits: Mapping[str, Any]
    scorecard: Mapping[str, Any]

    def charge(self, month: date) -> Decimal:
        """The charges of a month in which these clauses are in force, in units of the currency; one that is not listed has none."""
        if "monthly" in self.charges:
            return Decimal(self.charges["monthly"])
        return Decimal(self.charges.get("months", {}).get(f"{month:%Y-%m}", 0))

    def at_risk(self, month: date) -> Decimal:
        """The share of a month's charges that is at risk, unrounded."""
        return self.charge(month) * Decimal(self.credits.get("at_risk_percent") or 0) / 100


class Contract(TenantModel):
    """One contract with one vendor. Charges, calendar, due day, credits and scorecard are lists of versions in the form of the contract
    file: each with `from`, its first day, the earliest first. Rules are kept in that form, too.
    """

    CALLED = ("reference",)
    VENDOR_ACCESS = "SELECT"
    CONTRACT_COLUMN = "id"
    SHARED_COLUMN = "shared"

    vendor = TenantForeignKey(Vendor, related_name="contracts")
    reference = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()  # last day, inclusive
    currency = models.CharField(max_length=3)
    minor_unit = models.PositiveSmallIntegerField()  # decimal places of the currency
    timezone = models.CharField(max_length=60)
    calendar = models.JSONField(default=list)
    report_due = models.JSONField(default=list)  # `days`: the n-th working day after a period
    charges = models.JSONField(default=list)
    credits = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    scorecard = models.JSONField(default=list)
    accept_after = models.PositiveSmallIntegerField(
        null=True
    )  # working days after which figures are accepted; null: never
    submit_early = models.BooleanField(default=False)  # whether a running month may be submitted
    dispute_within = models.PositiveSmallIntegerField(null=True)  # working days after a month is published or judged
    answer_within = models.PositiveSmallIntegerField(null=True)  # working days for a dispute or a request for relief
    verify_after = models.PositiveSmallIntegerField(null=True)  # periods met after which a corrective plan is verified
    claim_within = models.PositiveSmallIntegerField(null=True)  # days after a month's end
    findings = models.JSONField(null=True)  # what the file hardly means, as path and message; null: not looked over yet
    document = models.JSONField()  # the contract's own part of the file as it was written
    agreed = models.BooleanField(default=True, db_default=True)  # false: its first version is being drafted and agreed
    shared = models.BooleanField(default=True, db_default=True)  # false: the vendor was not asked about it yet
    version = models.PositiveIntegerField(default=1)  # optimistic lock
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager.from_queryset(ContractQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "reference"], name="contract_reference"),
            models.CheckConstraint(name="contract_term", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["organisation", "vendor"], name="contract_vendor")]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def day(self, now: datetime) -> date:
        """Its local day."""
        return local_day(self.timezone, now)

    def due_again(self, returned_at: datetime) -> date:
        """The last day for figures that are returned then: as many working days later as there are after a period."""
        day = self.day(returned_at)
        clauses = self.in_force(day)
        return due_on(day, clauses.report_due, WorkingCalendar.of(clauses.calendar))

    def last_day_to_decide(
        self, submitted_at: datetime, ends_on: date | None = None, usual: int | None = None
    ) -> date | None:
        """The last day for a decision on figures that were submitted then, after which they are accepted by themselves; None: never.

        Of a period that still runs it counts from its last day (`ends_on`). `usual`: the organisation's number of working days, where the
        contract has none.
        """
        days = self.accept_after if self.accept_after is not None else usual
        if days is None:
            return None
        since = max(self.day(submitted_at), ends_on or date.min)
        return due_on(since, days, WorkingCalendar.of(self.in_force(since).calendar))

    def in_force(self, day: date) -> Clauses:
        """Its dated parts as they are in force on a day; any day of a month finds those by which the month is judged."""
        return Clauses(
            charges=in_force(self.charges, day) or {},
            calendar=in_force(self.calendar, day) or {},
            report_due=(in_force(self.report_due, day) or {}).get("days", REPORT_DUE),
            credits=in_force(self.credits, day) or {},
            scorecard=in_force(self.scorecard, day) or {},
        )


class Period(TenantModel):
    """A calendar slice on which service levels of a cycle are judged, local to the contract's time zone.

    `minutes` are real minutes (daylight saving counted), `working_minutes` those in the working calendar's hours.
    """

    CALLED = ("label",)
    VENDOR_ACCESS = "SELECT"
    AUDITED = False  # computed from the contract

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="periods")
    cycle = models.CharField(max_length=60)  # month, quarter, year, week, or custom:<service level>
    starts_on = models.DateField()
    ends_on = models.DateField()  # last day, inclusive
    month = models.DateField()  # first day of the month in which the period ends: where its points belong
    due_on = models.DateField()  # last day on which its figures are on time
    minutes = models.PositiveIntegerField()
    working_minutes = models.PositiveIntegerField()
    label = models.CharField(max_length=40)
    # How many service levels have terms for it, each of which is to have a figure. Whoever writes service levels and terms counts them.
    slots = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "contract", "cycle", "starts_on"], name="period_slice"),
            models.CheckConstraint(name="period_term", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["organisation", "month"], name="period_month")]

    def __str__(self) -> str:
        return self.label

    def minutes_in(self, hours: str | None) -> int:
        """The minutes that count for an availability measured in these hours: those of the working calendar, or all."""
        return self.working_minutes if hours == "calendar" else self.minutes


class Extension(TenantModel):
    """More time for the figures of a contract's month. Granted, it is the due day of the month's periods: `until`, of the contract.

    Given by the client unasked, whoever gave it is also named as who asked for it.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT"
    ACTORS = {"asked_by_id": "asked_by_name", "decided_by_id": "decided_by_name"}
    CALLED = ("contract", "month")

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="extensions")
    month = models.DateField()  # first day
    until = models.DateField()
    status = models.CharField(max_length=7, choices=ExtensionStatus, default=ExtensionStatus.OPEN)
    reason = models.TextField()
    asked_by = TenantForeignKey(Membership, related_name="+")
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    decided_by = TenantForeignKey(Membership, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contract", "month"],
                name="extension_one_open",
                condition=Q(status=ExtensionStatus.OPEN),
            ),
            models.CheckConstraint(
                name="extension_decided",
                condition=Q(status=ExtensionStatus.OPEN, decided_at=None)
                | ~Q(status=ExtensionStatus.OPEN) & Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "asked_at"], name="extension_asked"),
            models.Index(fields=["organisation", "contract", "month"], name="extension_month"),
        ]

    def __str__(self) -> str:
        return f"until {self.until}"

    @property
    def is_unasked(self) -> bool:
        return self.decided_at is not None and self.decided_at == self.asked_at


# The days from one column to another, both inclusive; without an end where the second is null.
DAYS = Func(
    F("starts_on"),
    F("ends_on"),
    RangeBoundary(inclusive_upper=True),
    function="daterange",
    output_field=DateRangeField(),
)


class Owner(TenantModel):
    """Who is in charge of a contract in one of three duties, from a day on; or who stands in during an absence.

    `name` is the member's, because people of the vendor see who is in charge for the client and see no other memberships.
    """

    CALLED = ("name", "duty", "contract")
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE, DELETE"

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="owners")
    member = TenantForeignKey(Membership, related_name="owned")
    duty = models.CharField(max_length=20, choices=Duty)
    is_deputy = models.BooleanField(default=False)
    name = models.CharField(max_length=120)
    starts_on = models.DateField()  # days of the contract
    ends_on = models.DateField(null=True)  # last day, inclusive; null: until somebody else is named

    objects = TenantManager.from_queryset(OwnerQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [
            # One at a time, and one deputy at a time.
            ExclusionConstraint(
                name="owner_one_at_a_time",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("contract", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    (Func(F("is_deputy"), template="(%(expressions)s::int)"), RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="owner_term",
                condition=Q(ends_on__gte=F("starts_on")) | Q(ends_on=None, is_deputy=False),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "member"], name="owner_member")]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_duty_display().lower()}"


class Reevaluation(TenantModel):
    """What must be judged again of a contract. Whoever changes facts or terms enters the period; the judgement strikes it out.

    `from_on`: first day of the earliest period whose facts or terms changed; null when nothing did.
    `judged_on`: the contract's local day up to which slots were judged; null before the first time.
    `judgements`: how often it was judged; what is built on the judgement compares it with what it has seen.
    The rest says that a step of the work (`failed_step`) fails for it, how often in a row, since when, and when it is next tried.
    """

    AUDITED = False

    contract = TenantForeignKey(Contract, models.CASCADE, related_name="reevaluations")  # one, by the constraint below
    from_on = models.DateField(null=True)
    judged_on = models.DateField(null=True)
    judgements = models.BigIntegerField(default=0, db_default=0)
    failures = models.PositiveIntegerField(default=0, db_default=0)
    failed_step = models.CharField(max_length=12, blank=True, default="", db_default="")
    failed_because = models.TextField(blank=True, default="", db_default="")  # SQLSTATE and the database's sentence
    failing_since = models.DateTimeField(null=True)
    try_at = models.DateTimeField(null=True)  # not tried before; null: at once

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "contract"], name="reevaluation_contract")]

    def __str__(self) -> str:
        return f"from {self.from_on}, judged on {self.judged_on}"
