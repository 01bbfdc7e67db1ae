"""Key result areas: what must be achieved, and how much each counts."""

from django.db import models
from django.db.models import Q

from contracts.models import Contract
from organisations.models import Vendor
from organisations.tenancy import TenantForeignKey, TenantModel


class Kra(TenantModel):
    """An objective of a contract, with a weight on its scorecard."""

    CALLED = ("name", "contract")
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, models.CASCADE, related_name="kras")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    objective = models.TextField(blank=True)
    ends_on = models.DateField(null=True)  # last day on which it is scored; null: as long as the contract
    position = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "contract", "code"], name="kra_code")]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class KraWeight(TenantModel):
    """A KRA's weight from a day on; the one in force is the latest that began."""

    CALLED = ("kra", "from_on")
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="+")
    kra = TenantForeignKey(Kra, models.CASCADE, related_name="weights")
    from_on = models.DateField()
    weight = models.DecimalField(max_digits=24, decimal_places=12)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kra", "from_on"], name="kraweight_from"),
            models.CheckConstraint(name="kraweight_not_negative", condition=Q(weight__gte=0)),
        ]
        ordering = ["from_on"]

    def __str__(self) -> str:
        return f"{self.weight} from {self.from_on}"
