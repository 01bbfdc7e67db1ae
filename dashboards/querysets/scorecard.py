"""What a contract's scorecard is made of beside its results: scores, money, and what happened in the month."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from breaches.rules import LIVE
from contracts.models import Contract
from evaluation.models import Month
from lib.exact_json import ExactJSONField
from measurements.models import Figure
from measurements.rules import Status
from organisations import kept_plans
from organisations.models import Membership
from scorecards.models import Publication, Scorecard
from slas.models import Alignment, ServiceLevel

SQL = Path(__file__).parent.parent / "sql"
MONTH_EVENTS = (SQL / "month_events.sql").read_text()


def cards(contract: Contract, first: date, month: date) -> dict[date, Scorecard]:
    """The contract's scorecards from one month to another, by month."""
    return {card.month: card for card in Scorecard.objects.filter(contract=contract, month__range=(first, month))}


def alignments(contract: Contract) -> QuerySet[Alignment]:
    """What serves the KRAs of the contract, with these, in their order: for a month that has no scorecard."""
    return Alignment.objects.filter(service_level__contract=contract).select_related("kra").order_by("kra__position")


# Of the ledger, whose numbers are texts with places: its balance, and of the month's credit what is left, waived and taken on invoices.
BOOKED = """SELECT jsonb_build_object('last', max(e.posted_in), 'total', coalesce(sum(e.amount), 0.0),
    'balance', coalesce(sum(e.amount) FILTER (WHERE e.month = evaluation_month.month), 0.0),
    'waived', coalesce(-sum(e.amount) FILTER (WHERE e.month = evaluation_month.month AND e.kind IN ('waiver', 'waiver_back')), 0.0),
    'invoiced', coalesce(-sum(e.amount) FILTER (WHERE e.month = evaluation_month.month AND e.kind = 'invoice'), 0.0))
FROM breaches_ledgerentry AS e WHERE e.contract_id = evaluation_month.contract_id"""


def money(contract: Contract, month: date) -> Month | None:
    """The contract's judged month, with what is `booked`; None before it has an account. One statement."""
    booked = RawSQL(BOOKED, [], ExactJSONField())  # noqa: S611
    return Month.objects.filter(contract=contract, month=month).annotate(booked=booked).first()


class MonthEvent(NamedTuple):
    """One row of sql/month_events.sql. `kind`: breach, rule, step, restatement, edition, dispute, relief, reported, waiting, live; the
    others depend on it."""

    kind: str
    pk: int
    service_level_id: int | None
    at: datetime
    answered_at: datetime | None
    who: str
    what: str
    why: str
    number: Decimal | None
    cause: date | None


def month_events(contract: Contract, month: date, today: date | None = None) -> list[MonthEvent]:
    """What happened in the month, by kind; `today` where it is running. One statement."""
    given = {"contract": contract.pk, "month": month, "live": list(LIVE), "today": today}
    return [MonthEvent(*row) for row in kept_plans.rows(MONTH_EVENTS, given)]


def running_figure(level: ServiceLevel, today: date, by: Membership) -> Figure | None:
    """A figure that was reported for the service level's period that runs today: of the latest submission open to `by`, a draft too.

    One statement.
    """
    found = Figure.objects.filter(service_level=level, period__starts_on__lte=today, period__ends_on__gte=today)
    current = found.exclude(submission__status=Status.SUPERSEDED).select_related("period", "submission")
    latest = current.order_by("-submission__revision", "part")
    return next((row for row in latest if not row.submission.is_closed_to(by)), None)


def contracts_seen(vendors: Collection[int] | None = None) -> QuerySet[Contract]:
    """The contracts that whoever is in scope may see, those of some vendors alone where these are given."""
    found = Contract.objects.select_related("vendor").order_by("vendor__name", "reference")
    return found if vendors is None else found.filter(vendor__in=vendors)


def last_editions(contracts: Collection[int]) -> dict[int, Publication]:
    """The latest published month of each contract, in the edition that counts. One statement."""
    found = Publication.objects.filter(contract__in=contracts).defer("snapshot", "word")
    rows = found.order_by("contract_id", "-month", "-edition").distinct("contract_id")
    return {row.contract_id: row for row in rows}
