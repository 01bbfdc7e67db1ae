"""Finding relief requests and disputes."""

from typing import Any

from django.db import models


class HearingQuerySet(models.QuerySet[Any]):
    def open(self) -> "HearingQuerySet":
        """Those that wait for the client's answer."""
        return self.filter(status="open")

    def with_names(self) -> "HearingQuerySet":
        """With all that a row of a list says, in one statement."""
        return self.select_related("vendor", "contract", "service_level", "period")
