"""The stored rows that explanations are made of: for any number of results the same number of statements.

Traces are read as text and parsed here, because numbers in them are exact and a float would not be.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from evaluation.models import Month, PastResult, Result, TriggeredRule
from evaluation.sides import Sides
from measurements.models import Submission

Trace = dict[str, Any]
PARTS = ("contract__vendor", "service_level", "period", "terms")


@dataclass(frozen=True)
class Rows:
    """All that is stored about one result."""

    result: Result
    trace: Trace
    sides: dict[str, Trace]  # what each figure of the trace came to, by part (evaluation/sides.py)
    submission: Submission | None
    month: Month | None
    month_trace: Trace
    credits: dict[date, Decimal]  # issued by the contract in each month up to this one that a cap may look back on
    returned: tuple[tuple[date, Decimal], ...]  # months in which this slot's share was earned back
    triggered_rules: tuple[TriggeredRule, ...]
    earlier: tuple[PastResult, ...]
    incident: tuple[Result, ...]  # the month's other slots with the same incident


def exact(text: str) -> Trace:
    """A stored trace with its numbers as Decimals."""
    parsed: Trace = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return parsed


def with_parts(*parts: str) -> QuerySet[Result]:
    """Results with all that explanations read of them, for `gather`; of PARTS only these, where the page has the others."""
    found = Result.objects.select_related(*(parts or PARTS)).defer("trace", "terms__document")
    return found.annotate(exact_trace=Cast("trace", TextField()), sides=Sides())


def gather(results: Iterable[Result]) -> list[Rows]:
    """The rows of each result, in the order given. At most six statements, whatever the number; one less where they come `with_parts`."""
    there = list(results)
    if not all("exact_trace" in vars(result) for result in there):
        found = with_parts().in_bulk([result.pk for result in there])
        there = [found[result.pk] for result in there]
    submissions = Submission.objects.in_bulk({result.submission_id for result in there if result.submission_id})
    months = _months(there)
    triggered_rules, earlier, incidents = _triggered_rules(there), _earlier(there), _incidents(there)
    rows = []
    for result in there:
        of_contract = months[result.contract_id]
        month, month_trace = of_contract.get(result.month, (None, {}))
        rows.append(
            Rows(
                result=result,
                trace=exact(vars(result)["exact_trace"]),
                sides=exact(vars(result)["sides"] or "{}"),
                submission=submissions.get(result.submission_id or 0),
                month=month,
                month_trace=month_trace,
                credits={on: one.credit for on, (one, _) in of_contract.items() if on <= result.month},
                returned=_returned(result, of_contract),
                triggered_rules=tuple(triggered_rules[result.contract_id, result.month, None])
                + tuple(triggered_rules[result.contract_id, result.month, result.service_level_id]),
                earlier=tuple(earlier[result.service_level_id, result.starts_on]),
                incident=tuple(
                    other
                    for other in incidents[result.contract_id, result.month, result.incident]
                    if other.pk != result.pk
                ),
            )
        )
    return rows


def gather_month(result: Result) -> Rows:
    """What is told of the month of a result that came `with_parts`, whichever of its results that is: its money. One statement."""
    months = _months([result])[result.contract_id]
    month, month_trace = months.get(result.month, (None, {}))
    return Rows(
        result=result,
        trace={},
        sides={},
        submission=None,
        month=month,
        month_trace=month_trace,
        credits={on: one.credit for on, (one, _) in months.items() if on <= result.month},
        returned=(),
        triggered_rules=(),
        earlier=(),
        incident=(),
    )


def gather_former(holding: Result, revision: int) -> Rows:
    """The rows of a judgement that no longer holds, by the result in its place. Three statements; the month as it was is not stored.

    PastResult.DoesNotExist where there is no such judgement.
    """
    slot = {"service_level": holding.service_level_id, "starts_on": holding.starts_on}
    found = PastResult.objects.select_related(*PARTS).annotate(exact_trace=Cast("trace", TextField()), sides=Sides())
    past = found.get(**slot, revision=revision)
    return Rows(
        result=past.as_it_was,
        trace=exact(past.exact_trace),
        sides=exact(past.sides or "{}"),
        submission=Submission.objects.filter(pk=past.submission_id).first() if past.submission_id else None,
        month=None,
        month_trace={},
        credits={},
        returned=(),
        triggered_rules=(),
        earlier=tuple(_earlier([holding])[holding.service_level_id, holding.starts_on]),
        incident=(),
    )


Months = dict[date, tuple[Month, Trace]]


def _months(results: list[Result]) -> dict[int, Months]:
    """The contracts' months: those of the results, the eleven before them, and later ones in which something was earned back."""
    first = min((result.month for result in results), default=date.min)
    since = first.replace(year=first.year - 1) if first.year > 1 else first
    last = max((result.month for result in results), default=date.min)
    found: dict[int, Months] = defaultdict(dict)
    chosen = Month.objects.filter(contract__in={result.contract_id for result in results}, month__gte=since)
    for month in (
        chosen.filter(Q(month__lte=last) | Q(earned_back__gt=0))
        .defer("trace")
        .annotate(exact_trace=Cast("trace", TextField()))
        .order_by("month")
    ):
        found[month.contract_id][month.month] = month, exact(month.exact_trace)
    return found


def _returned(result: Result, months: Months) -> tuple[tuple[date, Decimal], ...]:
    """The months in which the slot's share came back."""
    mine = result.service_level.code, result.starts_on.isoformat()
    return tuple(
        (on, entry["share"])
        for on, (_, trace) in months.items()
        for entry in trace.get("earned", ())
        if (entry["code"], entry["starts_on"]) == mine
    )


def _triggered_rules(results: list[Result]) -> dict[tuple[int, date, int | None], list[TriggeredRule]]:
    found: dict[tuple[int, date, int | None], list[TriggeredRule]] = defaultdict(list)
    for triggered_rule in TriggeredRule.objects.filter(
        contract__in={result.contract_id for result in results}, month__in={result.month for result in results}
    ).order_by("rule"):
        found[triggered_rule.contract_id, triggered_rule.month, triggered_rule.service_level_id].append(triggered_rule)
    return found


def _earlier(results: list[Result]) -> dict[tuple[int, date], list[PastResult]]:
    """What held before, of those that were restated; of all others nothing did."""
    found: dict[tuple[int, date], list[PastResult]] = defaultdict(list)
    restated = [result for result in results if result.revision > 1]
    if not restated:
        return found
    slots = {
        "service_level__in": {result.service_level_id for result in restated},
        "starts_on__in": {result.starts_on for result in restated},
    }
    for past in PastResult.objects.filter(**slots).with_causes().select_related("terms").order_by("revision"):
        found[past.service_level_id, past.starts_on].append(past)
    return found


def _incidents(results: list[Result]) -> dict[tuple[int, date, str | None], list[Result]]:
    """The slots with points that name an incident, by contract, month and incident."""
    found: dict[tuple[int, date, str | None], list[Result]] = defaultdict(list)
    named = [result for result in results if result.incident]
    if not named:
        return found
    for result in (
        Result.objects.filter(
            contract__in={result.contract_id for result in named},
            month__in={result.month for result in named},
            incident__in={result.incident for result in named},
        )
        .exclude(points=0)
        .select_related("service_level", "period")
        .order_by("-points", "service_level__code", "starts_on")
    ):
        found[result.contract_id, result.month, result.incident].append(result)
    return found


__all__ = ["Rows", "Trace", "exact", "gather", "gather_former", "gather_month", "with_parts"]
