"""Finding breaches."""

from typing import Any

from django.db import models

from breaches.rules import LIVE, Status


class BreachQuerySet(models.QuerySet[Any]):
    def live(self) -> "BreachQuerySet":
        """Those that somebody still has to do something about."""
        return self.filter(status__in=LIVE)

    def unacknowledged(self) -> "BreachQuerySet":
        return self.filter(status=Status.OPEN)

    def with_names(self) -> "BreachQuerySet":
        """With all that a row of a list says, newest first, in one statement."""
        names = ("vendor", "contract", "service_level", "period")
        return self.select_related(*names).order_by("-month", "-opened_at", "-pk")
