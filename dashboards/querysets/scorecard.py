"""What a contract's scorecard is made of beside its results: scores, money, and what happened in the month."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from breaches.rules import LIVE
from contracts.models import Contract
from evaluation.models import Month
from kras.models import Kra
from measurements.models import Figure
from measurements.rules import Status
from organisations.models import Membership
from scorecards.models import Publication, Scorecard
from slas.models import Alignment, ServiceLevel

SQL = Path(__file__).parent.parent / "sql"
MONTH_EVENTS = (SQL / "month_events.sql").read_text()


def cards(contract: Contract, first: date, month: date) -> dict[date, Scorecard]:
    """The contract's scorecards from one month to another, by month."""
    return {card.month: card for card in Scorecard.objects.filter(contract=contract, month__range=(first, month))}


def kras(contract: Contract) -> list[tuple[int, str]]:
    """Ids and names in order: for a month that has no scorecard."""
    return list(Kra.objects.filter(contract=contract).order_by("position").values_list("pk", "name"))


def alignments(contract: Contract) -> QuerySet[Alignment]:
    """What serves the KRAs of the contract, for a month that has no scorecard."""
    return Alignment.objects.filter(service_level__contract=contract)


def money(contract: Contract, month: date) -> Month | None:
    """The contract's judged month; None before it has an account."""
    return Month.objects.filter(contract=contract, month=month).first()


BOOKED = """
SELECT coalesce(sum(e.amount), 0), max(e.posted_in), coalesce(sum(e.amount) FILTER (WHERE e.month = %(month)s), 0),
    coalesce(-sum(e.amount) FILTER (WHERE e.month = %(month)s AND e.kind IN ('waiver', 'waiver_back')), 0),
    coalesce(-sum(e.amount) FILTER (WHERE e.month = %(month)s AND e.kind = 'invoice'), 0)
FROM breaches_ledgerentry AS e WHERE e.contract_id = %(contract)s
"""


def booked(contract: Contract, month: date) -> dict[str, Any]:
    """The ledger's balance, and of the month's credit what is left, what was waived and what taken on invoices. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKED, {"contract": contract.pk, "month": month})
        total, last, balance, waived, invoiced = cursor.fetchone()
    return {"total": total, "last": last, "balance": balance, "waived": waived, "invoiced": invoiced}


class MonthEvent(NamedTuple):
    """One row of sql/month_events.sql. `kind`: breach, rule, step, restatement, edition, waiting, live; the others depend on it."""

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


def month_events(contract: Contract, month: date) -> list[MonthEvent]:
    """What happened in the month, by kind. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(MONTH_EVENTS, {"contract": contract.pk, "month": month, "live": list(LIVE)})
        return [MonthEvent(*row) for row in cursor.fetchall()]


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
