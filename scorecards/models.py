"""Scorecards: a contract's month as one number, with how much of it was measured."""

from django.db import models
from django.db.models import Q

from contracts.models import Contract
from lib.exact_json import ExactJSONField
from organisations.models import Vendor
from organisations.tenancy import DerivedModel, TenantForeignKey


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
