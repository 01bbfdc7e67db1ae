"""Judgements: the result of each slot, the money of each month, the rules that hold. All of it can be computed again."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from contracts.models import Contract, Period
from evaluation.querysets import PastResultQuerySet
from evaluation.rules import Outcome
from lib.exact import ExactField
from lib.exact_json import ExactJSONField
from organisations.models import Vendor
from organisations.tenancy import DerivedModel, TenantForeignKey, TenantManager, TenantModel
from slas.models import ServiceLevel, Terms


class Judgement(DerivedModel):
    """The judgement of one service level in one period, with its trace. Columns are filled by evaluation/sql alone."""

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="+")
    service_level = TenantForeignKey(ServiceLevel, related_name="+")
    period = TenantForeignKey(Period, related_name="+")
    terms = TenantForeignKey(Terms, related_name="+")
    starts_on = models.DateField()  # the period's first day: the order of the chain
    month = models.DateField()  # the month in which the period ends
    submission_id = models.BigIntegerField(null=True)  # the accepted submission whose figures were judged
    outcome = models.CharField(max_length=12, choices=Outcome)
    band = models.SmallIntegerField(null=True)  # 1 is the best
    band_name = models.TextField(null=True)
    # The band's own outcome, before tolerance: met, miss, default; "default" too for a missing default.
    band_outcome = models.CharField(max_length=7, null=True)
    value = ExactField(null=True)  # as compared
    # The period's own sides after exclusions, summed over its parts, and its own value where that is not their ratio
    # (plain numbers, means of parts): what a rolling value of a later period looks back on.
    numerator = models.DecimalField(max_digits=60, decimal_places=12, null=True)
    denominator = models.DecimalField(max_digits=60, decimal_places=12, null=True)
    own_value = ExactField(null=True)
    consecutive_defaults = models.IntegerField()  # consecutive defaults up to here, carried over neutral slots
    streak = models.IntegerField()  # consecutive_defaults where this slot counts as a default, else 0
    factor = models.DecimalField(max_digits=24, decimal_places=12)
    points = ExactField()
    score = ExactField(null=True)
    incident = models.TextField(null=True)
    trace = ExactJSONField()
    judged_at = models.DateTimeField()

    class Meta(DerivedModel.Meta):
        abstract = True


class Result(Judgement):
    """The judgement that holds now."""

    revision = models.PositiveIntegerField(default=1)

    class Meta(Judgement.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "service_level", "starts_on"], name="result_slot"),
        ]
        indexes = [
            # with what became of them, so that a month's outcomes are counted from the index alone
            models.Index(fields=["organisation", "contract", "month"], include=["outcome"], name="result_outcome"),
            # the earliest open slot of a contract: from there on a tick judges again
            models.Index(
                fields=["organisation", "contract", "starts_on"], name="result_pending", condition=Q(outcome="pending")
            ),
            # what counts as a default: breaches look for those that have none yet
            models.Index(
                fields=["organisation", "service_level", "starts_on"], name="result_default", condition=Q(streak__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_level_id} {self.starts_on}: {self.outcome}"


class PastResult(Judgement):
    """A judgement that held once and was restated: kept as it was, with the reason for the change."""

    STAFF_ACCESS = "SELECT, INSERT"

    revision = models.PositiveIntegerField()
    restated_at = models.DateTimeField()
    restated_because = models.TextField()
    # The first day of the service level's period whose change this one followed from; null where it changed by itself.
    follows_from = models.DateField(null=True)

    objects = TenantManager.from_queryset(PastResultQuerySet)()  # type: ignore[misc]

    class Meta(Judgement.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "service_level", "starts_on", "revision"], name="pastresult_slot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_level_id} {self.starts_on}, revision {self.revision}"

    @property
    def as_it_was(self) -> Result:
        """The result that it was, not stored: who reads results reads it, too."""
        names = [field.attname for field in Result._meta.concrete_fields if not field.primary_key]
        result = Result(**{name: getattr(self, name) for name in names})
        for part in ("contract", "service_level", "period", "terms"):
            setattr(result, part, getattr(self, part))
        return result


def money_field() -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=20, decimal_places=4)


class Month(DerivedModel):
    """What a month's points come to in money, under the contract. Columns are filled by evaluation/sql/credit.sql alone."""

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="months")
    month = models.DateField()
    points = ExactField()
    charges = money_field()
    at_risk = money_field()
    credit_before_caps = money_field()
    credit = money_field()
    capped_amount = money_field()
    earned_back = money_field()
    capped = models.BooleanField()
    final = models.BooleanField()  # no slot of the month is pending any more
    # counted slots with points and share, units, worth of a point, bedding-in factor, caps with their headroom, what was earned back
    trace = ExactJSONField()
    judged_at = models.DateTimeField()

    class Meta(DerivedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "contract", "month"], name="month_once")]
        indexes = [
            # what a year comes to, of all contracts together, is read from the index alone
            models.Index(
                fields=["organisation", "month"], include=["contract", "credit", "earned_back"], name="month_money"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.month:%Y-%m}"


class TriggeredRule(DerivedModel):
    """A window rule of the contract that holds in a month."""

    STAFF_ACCESS = TenantModel.STAFF_ACCESS  # what no longer holds is struck
    # Those of SAID_TO_VENDOR, as PostgreSQL prints it: a right of the client's is on no page, in no letter and in no answer for its vendor.
    VENDOR_ROWS = "((\"then\")::text = ANY (ARRAY['notify'::text, 'rectification_plan'::text]))"

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="triggered_rules")
    month = models.DateField()
    rule = models.TextField()
    service_level = TenantForeignKey(ServiceLevel, null=True, related_name="+")
    measured = models.DecimalField(max_digits=40, decimal_places=12)
    then = models.CharField(max_length=20)
    judged_at = models.DateTimeField()

    class Meta(DerivedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contract", "month", "rule", "service_level"],
                name="triggered_rule_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule}, {self.month:%B %Y}"


class Watermark(TenantModel):
    """How far a step that builds on a contract's judgement has come: the number of the judgement that it has seen.

    Nothing is lost with it: without one, the step looks at the contract again and finds nothing to do.
    """

    AUDITED = False

    contract = TenantForeignKey(Contract, models.CASCADE, related_name="+")
    step = models.CharField(max_length=12)
    judgements = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "contract", "step"], name="watermark_once")]

    def __str__(self) -> str:
        return f"{self.step} of {self.contract_id} has seen judgement {self.judgements}"
