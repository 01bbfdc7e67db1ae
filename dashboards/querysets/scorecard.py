"""What a contract's scorecard is made of beside its results: scores, money, and what happened in the month."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.db.models import QuerySet

from breaches.rules import LIVE
from contracts.models import Contract
from evaluation.models import Month
from lib.json_rows import instances
from lib.months import after
from organisations import kept_plans
from scorecards.models import Publication, Scorecard
from slas.models import Alignment

SQL = Path(__file__).parent.parent / "sql"
MONTH_EVENTS = (SQL / "month_events.sql").read_text()


def alignments(contract: Contract) -> QuerySet[Alignment]:
    """What serves the KRAs of the contract, with these, in their order: for a month that has no scorecard."""
    return Alignment.objects.filter(service_level__contract=contract).select_related("kra").order_by("kra__position")


# The scorecards of a month and of the one before it, and the judged month with what is booked of the ledger: its balance, and what is left
# of the month's credit, waived, and taken on invoices.
CARDS_AND_MONEY = """
SELECT
    (
        SELECT json_agg(s)::text FROM scorecards_scorecard AS s
        WHERE s.contract_id = %(contract)s AND s.month IN (%(month)s, %(former)s)
    ),
    (
        SELECT json_build_array(to_jsonb(m) || jsonb_build_object('booked', (
            SELECT jsonb_build_object('last', max(e.posted_in), 'total', coalesce(sum(e.amount), 0.0),
                'balance', coalesce(sum(e.amount) FILTER (WHERE e.month = m.month), 0.0),
                'waived', coalesce(-sum(e.amount) FILTER (WHERE e.month = m.month AND e.kind IN ('waiver', 'waiver_back')), 0.0),
                'invoiced', coalesce(-sum(e.amount) FILTER (WHERE e.month = m.month AND e.kind = 'invoice'), 0.0))
            FROM breaches_ledgerentry AS e WHERE e.contract_id = m.contract_id)))::text
        FROM evaluation_month AS m WHERE m.contract_id = %(contract)s AND m.month = %(month)s
    )
"""


def cards_and_money(contract: Contract, month: date) -> tuple[dict[date, Scorecard], Month | None]:
    """The contract's scorecards of a month and of the one before it, by month, and the judged month with what is `booked`; None before it
    has an account. One statement."""
    given = {"contract": contract.pk, "month": month, "former": after(month, -1)}
    [(cards, money)] = kept_plans.rows(CARDS_AND_MONEY, given)
    by_month = {card.month: card for card in instances(Scorecard, cards or "[]")}
    return by_month, next(iter(instances(Month, money or "[]")), None)


class MonthEvent(NamedTuple):
    """One row of sql/month_events.sql. `kind`: breach, rule, step, restatement, edition, dispute, relief, reported, waiting, live; the
    others depend on it. Of what is reported: the submission, who reports (`vendor`), its status and revision, and its period's first day.
    """

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


def contracts_seen(vendors: Collection[int] | None = None) -> QuerySet[Contract]:
    """The contracts that whoever is in scope may see, those of some vendors alone where these are given."""
    found = Contract.objects.select_related("vendor").order_by("vendor__name", "reference")
    return found if vendors is None else found.filter(vendor__in=vendors)


def last_editions(contracts: Collection[int]) -> dict[int, Publication]:
    """The latest published month of each contract, in the edition that counts. One statement."""
    found = Publication.objects.filter(contract__in=contracts).defer("snapshot", "word")
    rows = found.order_by("contract_id", "-month", "-edition").distinct("contract_id")
    return {row.contract_id: row for row in rows}
