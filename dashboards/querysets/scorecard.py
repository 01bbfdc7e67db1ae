"""What a contract's scorecard is made of: scores, results, terms, money, and what happened in the month."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, QuerySet, Window
from django.db.models.functions import RowNumber

from breaches.models import Breach
from contracts.models import Contract
from credits.querysets import total
from evaluation.models import Month, PastResult, Result, TriggeredRule
from evaluation.rules import Outcome
from kras.models import Kra
from measurements.models import Figure, Step
from measurements.rules import Status
from organisations.models import Membership
from scorecards.models import Scorecard
from slas.models import ServiceLevel


def cards(contract: Contract, first: date, month: date) -> dict[date, Scorecard]:
    """The contract's scorecards from one month to another, by month."""
    return {card.month: card for card in Scorecard.objects.filter(contract=contract, month__range=(first, month))}


def kras(contract: Contract) -> QuerySet[Kra]:
    """In order, with their weights. Two statements."""
    return Kra.objects.filter(contract=contract).prefetch_related("weights").order_by("position")


def levels(contract: Contract) -> QuerySet[ServiceLevel]:
    """In order, with all versions of their terms and their alignments. Three statements."""
    found = ServiceLevel.objects.filter(contract=contract).prefetch_related("terms", "alignments")
    return found.order_by("position")


def results(contract: Contract, month: date, count: int) -> QuerySet[Result]:
    """Of each service level the last `count` results up to a month, the oldest first, with their periods. One statement."""
    nth = Window(RowNumber(), partition_by=F("service_level_id"), order_by=F("starts_on").desc())
    found = Result.objects.filter(contract=contract, month__lte=month).annotate(nth=nth).filter(nth__lte=count)
    return found.select_related("period").defer("trace").order_by("service_level_id", "starts_on")


def months(contract: Contract, first: date, month: date) -> QuerySet[Month]:
    """The contract's judged months from one to another, in order."""
    return Month.objects.filter(contract=contract, month__range=(first, month)).order_by("month")


def judged(contract: Contract, first: date, month: date) -> QuerySet[Result]:
    """The judged results of the months from one to another as far as rules look at them, in order, those of all levels."""
    found = Result.objects.filter(contract=contract, month__range=(first, month)).exclude(outcome=Outcome.PENDING)
    fields = ("service_level_id", "terms_id", "starts_on", "month", "outcome", "band_name", "streak")
    return found.only(*fields).order_by("starts_on", "pk")


def booked(contract: Contract, month: date) -> dict[str, Any]:
    """The ledger's balance, and how much of the month's credit was waived or taken on invoices. Two statements."""
    ledger = contract.ledger.all()
    of_month: dict[str, Any] = next(iter(ledger.filter(month=month).by_month()), {})
    return {**of_month, **ledger.aggregate(total=total("amount"), last=Max("posted_in"))}


def triggered_rules(contract: Contract, month: date) -> QuerySet[TriggeredRule]:
    """The contract's rules that hold in the month."""
    return (
        TriggeredRule.objects.filter(contract=contract, month=month)
        .select_related("service_level")
        .order_by("rule", "pk")
    )


def breaches(contract: Contract, month: date) -> QuerySet[Breach]:
    return Breach.objects.filter(contract=contract, month=month).with_names().order_by("service_level__position")


def live_breaches(contract: Contract) -> int:
    return Breach.objects.live().filter(contract=contract).count()


def steps(contract: Contract, month: date) -> QuerySet[Step]:
    """What was done with the month's submissions, of all revisions, in order."""
    return Step.objects.filter(submission__contract=contract, submission__month=month).select_related("submission")


def running_figures(level: ServiceLevel, today: date, by: Membership) -> list[Figure]:
    """What was reported for the service level's period that runs today: of the latest submission that is open to `by`, a draft too.

    One statement.
    """
    found = Figure.objects.filter(service_level=level, period__starts_on__lte=today, period__ends_on__gte=today)
    current = found.exclude(submission__status=Status.SUPERSEDED).select_related("period", "submission")
    latest = current.order_by("-submission__revision", "part")
    rows = [row for row in latest if not row.submission.is_closed_to(by)]
    return [row for row in rows if row.submission_id == rows[0].submission_id]


def restatements(contract: Contract, month: date) -> list[dict[str, Any]]:
    """Corrections of the month's results: when, why, from which month, and of how many service levels. One row for each of these."""
    rows = PastResult.objects.filter(contract=contract, month=month).with_causes().order_by()
    told = rows.values("restated_at", "restated_because", "cause_month").annotate(count=Count("pk"))
    return list(told.order_by("restated_at"))


def contracts_seen(vendors: Collection[int] | None = None) -> QuerySet[Contract]:
    """The contracts that whoever is in scope may see, those of some vendors alone where these are given."""
    found = Contract.objects.select_related("vendor").order_by("vendor__name", "reference")
    return found if vendors is None else found.filter(vendor__in=vendors)
