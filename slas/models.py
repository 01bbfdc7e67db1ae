"""Service levels: the standard by which achievement is judged, and the versions of its terms."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from contracts.models import Contract
from kras.models import Kra
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantModel


class ServiceLevel(TenantModel):
    """One measure of a contract, judged once in each of its periods."""

    CALLED = ("code", "name", "contract")
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, models.CASCADE, related_name="service_levels")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    cycle = models.CharField(max_length=60)  # as Period.cycle
    measure = models.JSONField()  # with all defaults filled in
    metric = models.CharField(max_length=40, blank=True)  # the catalogue's code of what it measures
    ends_on = models.DateField(null=True)  # last day of its last period; null: as long as the contract
    document = models.JSONField()  # its part of the file as written, without the terms
    position = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "contract", "code"], name="servicelevel_code")]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Terms(TenantModel):
    """One effective-dated version of a service level. Versions never overlap; the database refuses it."""

    CALLED = ("service_level", "version")
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="+")
    service_level = TenantForeignKey(ServiceLevel, models.CASCADE, related_name="terms")
    version = models.PositiveSmallIntegerField()
    valid = DateRangeField()  # [from, next version's from); that of the last version ends with the service level
    document = models.JSONField()  # as written
    full = models.JSONField()  # with all defaults filled in: what the judgement reads

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "service_level", "version"], name="terms_version"),
            ExclusionConstraint(
                name="terms_do_not_overlap",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("service_level", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]
        ordering = ["version"]

    def __str__(self) -> str:
        return f"version {self.version}"


class Alignment(TenantModel):
    """The weight of a service level inside a KRA that it serves, from a day on.

    The rows of a service level with the latest `from_on` that has begun are the ones in force, all others are not.
    """

    CALLED = ("service_level", "kra", "from_on")
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="+")
    service_level = TenantForeignKey(ServiceLevel, models.CASCADE, related_name="alignments")
    kra = TenantForeignKey(Kra, models.CASCADE, related_name="alignments")
    from_on = models.DateField()
    weight = models.DecimalField(max_digits=24, decimal_places=12)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "service_level", "kra", "from_on"], name="alignment_from"),
            models.CheckConstraint(name="alignment_positive", condition=Q(weight__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.weight} from {self.from_on}"


class OwnMetric(TenantModel):
    """A metric that an organisation adds to the catalogue: `metric: CODE` in a contract file means it as it means one of the product's.

    Its code is in capitals and never that of another one; once a service level measures it, what it measures stays. `target` and
    `minimum` are in its unit, null where each contract sets its own; `traps` are sentences.
    """

    CALLED = ("code", "name")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    ACTORS = {"changed_by_id": "changed_by_name"}

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    definition = models.TextField()
    measure = models.JSONField()  # as in a contract file
    better = models.CharField(max_length=6)
    every = models.CharField(max_length=7)
    target = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    minimum = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    traps = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True)  # not offered any more
    changed_by = TenantForeignKey(Membership, related_name="+")
    changed_by_name = models.CharField(max_length=120)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="ownmetric_code"),
            models.CheckConstraint(
                name="ownmetric_usual",
                condition=Q(target=None, minimum=None) | Q(target__isnull=False, minimum__isnull=False),
            ),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
