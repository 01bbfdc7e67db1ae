"""What the pages that join several apps keep of their own."""

from django.db import models
from django.db.models import Q

from dashboards.querysets.saved_views import SavedViewQuerySet
from organisations.models import Membership
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel


class SavedView(TenantModel):
    """Filters and order of the portfolio under a name: one's own, or shared with the client's people. No vendor's role has a right to it.

    `state` are the parameters of the address, as `dashboards.rules.kept_state` leaves them; the month is not among them.
    """

    member = TenantForeignKey(Membership, related_name="+")
    name = models.CharField(max_length=60)
    state = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)  # read no more (OpeningView); the next release takes it away
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = TenantManager.from_queryset(SavedViewQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "member", "name"], name="view_name"),
            models.UniqueConstraint(
                fields=["organisation", "member"], name="view_default", condition=Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningView(TenantModel):
    """What the portfolio opens with for a member: a view of their own, or one that a colleague shares. Vendors have no right to it."""

    CALLED = ("member", "view")

    member = TenantForeignKey(Membership, related_name="+")
    view = TenantForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "member"], name="openingview_once")]
        indexes = [models.Index(fields=["organisation", "view"], name="openingview_of_view")]

    def __str__(self) -> str:
        return f"{self.view_id} for {self.member_id}"
