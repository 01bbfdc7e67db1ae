"""Which months are published, for pages of the apps below that show a month's score or credit."""

from datetime import date

from django import template

from contracts.models import Contract
from scorecards.models import Publication

register = template.Library()


@register.simple_tag
def published_months(contract: Contract) -> set[date]:
    """`{% published_months contract as published %}`: the months of a contract that have an edition. One statement."""
    return set(Publication.objects.filter(contract=contract).values_list("month", flat=True).order_by().distinct())
