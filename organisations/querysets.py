"""Finding members."""

from typing import Any

from django.db import models


class MembershipQuerySet(models.QuerySet[Any]):
    def people(self) -> "MembershipQuerySet":
        """Members who are persons; API keys act as members, too, and get no letters."""
        return self.filter(user__isnull=False)
