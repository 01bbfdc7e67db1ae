"""Finding judgements."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Subquery


class PastResultQuerySet(models.QuerySet[Any]):
    def with_causes(self) -> "PastResultQuerySet":
        """With the result of the period that each followed from, as `cause_id` and `cause_month`; null where it changed by itself."""
        slot = {"service_level": OuterRef("service_level"), "starts_on": OuterRef("follows_from")}
        cause = apps.get_model("evaluation", "Result").objects.filter(**slot)
        return self.annotate(cause_id=Subquery(cause.values("pk")), cause_month=Subquery(cause.values("month")))
