"""Months of the demo that were published: what the account manager froze, and what the vendors said."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from contracts.models import Contract
from demo.clock import standing_at
from organisations.models import Membership
from organisations.scope import open_scope
from scorecards.actions import accept_publication, publish
from scorecards.models import Publication, Scorecard
from scorecards.snapshot import standing_of

ANSWERED_AFTER = timedelta(days=3)
# Whose vendor lets the day pass since its decline began: without an answer a month counts as accepted.
SILENT = ("MSA-2024-017", date(2026, 8, 1))


def publish_months(
    contracts: Iterable[Contract], last: date, *, manager: Membership, at: datetime
) -> list[Publication]:
    """The months up to `last` that are complete, and have no edition or were judged again since their latest: each becomes the
    next edition where its numbers are others."""
    made = []
    with standing_at(at), open_scope(organisation_id=manager.organisation_id, actor_id=manager.pk):
        by_id = {contract.pk: contract for contract in contracts}
        of_month = {"contract": OuterRef("contract_id"), "month": OuterRef("month")}
        kept = Publication.objects.filter(**of_month, at__gte=OuterRef("judged_at"))
        cards = Scorecard.objects.filter(contract__in=by_id, month__lte=last, provisional=False)
        for contract, month in (
            cards.filter(~Exists(kept)).order_by("month", "contract").values_list("contract", "month")
        ):
            standing = standing_of(by_id[contract], month, at)
            latest = Publication.objects.of(contract, month).first()
            if standing.is_complete and (latest is None or latest.checksum != standing.checksum):
                word = "" if latest is None else "Restated after the correction that you sent."
                seen = standing.checksum
                made.append(publish(by=manager, contract=by_id[contract], month=month, seen=seen, word=word))
    return made


def answer(published: Iterable[Publication], managers: Mapping[int, Membership], now: datetime) -> None:
    """The vendors' managers accept what was published, some days later; one says nothing any more."""
    for one in published:
        at, by = one.at + ANSWERED_AFTER, managers[one.vendor_id]
        if at > now or (one.contract.reference == SILENT[0] and one.month >= SILENT[1]):
            continue
        scope = open_scope(organisation_id=one.organisation_id, vendor_id=one.vendor_id, actor_id=by.pk)
        with standing_at(at), scope:
            accept_publication(by=by, publication=one)
