"""Finding saved views."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from organisations.models import Membership


class SavedViewQuerySet(models.QuerySet[Any]):
    def shown_to(self, member: Membership) -> "SavedViewQuerySet":
        """One's own, and those that colleagues share; in the order of names."""
        return self.filter(Q(member=member) | Q(shared=True)).order_by(Lower("name"), "pk")
