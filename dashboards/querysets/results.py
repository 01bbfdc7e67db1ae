"""The results of a month over all contracts: what the counts of the portfolio are made of."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from evaluation.models import Result
from lib.months import after

NAMES = ("contract__vendor", "service_level", "period")
ORDER = ("contract__vendor__name", "contract__reference", "service_level__position", "service_level__code", "starts_on")


def results_of(month: date, contracts: Collection[int] | None, outcome: str = "") -> QuerySet[Result]:
    """Of the contracts (None: all) in force in the month, with one outcome or any."""
    found = Result.objects.filter(month=month, contract__starts_on__lt=after(month), contract__ends_on__gte=month)
    found = found if contracts is None else found.filter(contract__in=contracts)
    return found.filter(outcome=outcome) if outcome else found


def listed(found: QuerySet[Result], first: int, end: int) -> list[Result]:
    """Those of a page with all that a row says. Names are joined to the page alone."""
    page = list(found.order_by(*ORDER).values_list("pk", flat=True)[first:end])
    rows = (
        Result.objects.filter(pk__in=page).select_related(*NAMES).defer("contract__document", "service_level__document")
    )
    return list(rows.order_by(*ORDER))
