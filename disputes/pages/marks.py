"""What pages above mark of a contract's months: results that are disputed, figures that relief is asked for."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import CharField, Value

from disputes.models import Dispute, ReliefRequest

Slot = tuple[int, date]  # service level, first day


class Mark(NamedTuple):
    """What waits for an answer about a slot: the dispute's id, the relief request's."""

    dispute: int | None = None
    relief: int | None = None


def marks(contract: int, months: Iterable[date]) -> dict[Slot, Mark]:
    """By slot, where anything waits. One statement, whatever the number of slots."""
    asked = [
        model.objects.open()
        .filter(contract=contract, month__in=list(months))
        .annotate(what=Value(what, output_field=CharField()))
        .values_list("service_level_id", "period__starts_on", "what", "pk")
        for model, what in ((Dispute, "dispute"), (ReliefRequest, "relief"))
    ]
    found: dict[Slot, Mark] = {}
    for level, starts_on, what, pk in asked[0].union(asked[1], all=True):
        mark = found.get((level, starts_on), Mark())
        found[level, starts_on] = mark._replace(**{what: pk})
    return found
