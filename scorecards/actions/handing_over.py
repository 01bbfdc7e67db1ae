"""A published version of a pack is handed over to its vendor."""

from datetime import datetime

from breaches.actions.audience import Audience
from contracts.models import Contract
from lib.months import format_months
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.models import Membership
from scorecards.models import PackEdition, PackHandover
from scorecards.rules import HANDED_OUT


def hand_over(*, by: Membership, edition: PackEdition, at: datetime) -> PackHandover:
    """The vendor has the files from now on, as they were made, and its people are told."""
    pack = edition.pack
    contracts = list(Contract.objects.filter(pk__in=pack.contracts.values("contract")).order_by("reference"))
    files = {file.kind: file for file in edition.files.filter(kind__in=HANDED_OUT)}
    given = {f"{kind}": files[kind].content for kind in HANDED_OUT} | {
        f"{kind}_sha256": files[kind].sha256 for kind in HANDED_OUT
    }
    made = PackHandover.objects.create(
        vendor_id=pack.vendor_id,
        contract=contracts[0] if len(contracts) == 1 else None,
        edition=edition,
        about=", ".join(f"{contract.title}, {contract.reference}" for contract in contracts),
        number=edition.number,
        first=pack.first,
        last=pack.last,
        changes=edition.changes,
        by=by,
        by_name=by.name,
        at=at,
        **given,
    )
    event = NewEvent(
        key=f"pack-handover:{made.pk}",
        kind="published",
        title=f"Review pack of {format_months(pack.first, pack.last)}, version {edition.number}",
        detail=made.about,
        path="packs/",
        members=_readers(contracts, pack.vendor_id, at),
        vendor_id=pack.vendor_id,
    )
    publish_events([event], now=at)
    return made


def _readers(contracts: list[Contract], vendor: int, at: datetime) -> tuple[int, ...]:
    """Whoever answers for one of the contracts on the vendor's side and may see all of them."""
    audience = Audience([contract.pk for contract in contracts], at)
    found = [set(audience.vendor(contract.pk, vendor)) for contract in contracts]
    return tuple(sorted(set.intersection(*found))) if found else ()
