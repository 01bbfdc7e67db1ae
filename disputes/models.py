"""What a vendor asks of the client about a month: and until when it can."""

from django.db import models

from contracts.models import Contract
from organisations.models import Vendor
from organisations.tenancy import TenantForeignKey, TenantModel


class PublishedMonth(TenantModel):
    """The day, of the contract, on which a month was published last: from then on its results can be disputed for some working days.

    Where a month is not published, the days count from the judgement of the result.
    """

    CALLED = ("contract", "month")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="+")
    contract = TenantForeignKey(Contract, related_name="+")
    month = models.DateField()  # first day
    published_on = models.DateField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "contract", "month"], name="published_month_once"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}, published on {self.published_on}"
