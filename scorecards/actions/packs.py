"""Review packs: begun, written, made in the background step by step, published."""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from hashlib import sha256

from django.db import IntegrityError, transaction

from contracts.models import Contract
from lib import clock
from lib.documents import as_images, as_pdf
from lib.errors import Conflict, RuleBroken
from lib.months import after, format_months
from lib.texts import LONGEST_TEXT, format_checksum
from lib.transitions import move, must_be_as_seen, touched
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import require
from organisations.models import Membership, Vendor
from scorecards.actions.handing_over import hand_over
from scorecards.models import PackContract, PackEdition, PackFile, PackSection, PackTemplate, ReviewPack
from scorecards.review.checking import pages_of
from scorecards.review.content import Content, as_bytes, describe_changes, freeze, workbook_of
from scorecards.rules import MAKING, MOST_CONTRACTS, MOST_MONTHS, PACK_MOVES, PAGES, FileKind, PackStatus, Section

log = logging.getLogger(__name__)

PACKS_ARE_DUE = (
    "EXISTS (SELECT FROM scorecards_packedition AS e WHERE e.organisation_id = %(organisation)s"
    f" AND e.status IN ({', '.join(repr(str(status)) for status in MAKING)}))"
)


@transaction.atomic
def begin_pack(
    *, by: Membership, contracts: Sequence[Contract], first: date, last: date, meeting_on: date | None = None
) -> ReviewPack:
    """A new pack over contracts of one vendor, with the sections of the organisation's template, or where there is none, of its latest
    pack, without its commentary."""
    require(by, "pack.draft")
    vendor = _checked(contracts, first, last)
    given = {"first": first, "last": last, "meeting_on": meeting_on, "begun_by": by, "begun_by_name": by.name}
    pack = ReviewPack.objects.create(vendor=vendor, begun_at=clock.database_now(), **given)
    _set_contracts(pack, contracts)
    for position, (name, chosen) in enumerate(_usual_sections(pack), 1):
        PackSection.objects.create(pack=pack, name=name, position=position, chosen=chosen)
    return pack


def _usual_sections(pack: ReviewPack) -> list[tuple[str, bool]]:
    """Each section once, in order, and whether it is in; those that an earlier release did not have come last."""
    template = PackTemplate.objects.first()
    before = ReviewPack.objects.exclude(pk=pack.pk).order_by("-begun_at", "-pk").first()
    usual = dict(template.sections) if template else {}
    if not usual and before:
        usual = dict(before.sections.values_list("name", "chosen"))
    known = {name: chosen for name, chosen in usual.items() if name in Section.values}
    return [*known.items(), *((name, name != Section.TERMS) for name in Section if name not in known)]


@transaction.atomic
def change_pack(
    *,
    by: Membership,
    pack: ReviewPack,
    contracts: Sequence[Contract],
    first: date,
    last: date,
    meeting_on: date | None,
    seen: int | None = None,
) -> ReviewPack:
    """Other contracts of its vendor, other months, another day of the meeting. What was made before stays as it was made."""
    require(by, "pack.draft")
    must_be_as_seen(pack, seen)
    if _checked(contracts, first, last).pk != pack.vendor_id:
        raise RuleBroken("contracts", "These contracts are another vendor’s. Begin a pack of their own for them.")
    _touch(pack, first=first, last=last, meeting_on=meeting_on)
    _set_contracts(pack, contracts)
    return pack


def _checked(contracts: Sequence[Contract], first: date, last: date) -> Vendor:
    if not contracts:
        raise RuleBroken("contracts", "Choose at least one contract.")
    if len({contract.vendor_id for contract in contracts}) > 1:
        raise RuleBroken("contracts", "A pack is for one vendor. Choose contracts of the same one.")
    if len(contracts) > MOST_CONTRACTS:
        raise RuleBroken("contracts", f"A pack holds {MOST_CONTRACTS} contracts. Make two packs.")
    if last < first:
        raise RuleBroken("last", "The last month lies before the first one.")
    if after(first, MOST_MONTHS) <= last:
        raise RuleBroken("last", f"A pack covers {MOST_MONTHS} months at most. Choose a later first month.")
    vendor: Vendor = contracts[0].vendor
    return vendor


def _set_contracts(pack: ReviewPack, contracts: Sequence[Contract]) -> None:
    wanted = {contract.pk for contract in contracts}
    there = set(PackContract.objects.filter(pack=pack).values_list("contract_id", flat=True))
    PackContract.objects.filter(pack=pack, contract_id__in=there - wanted).delete()
    for contract in contracts:
        if contract.pk not in there:
            PackContract.objects.create(pack=pack, contract=contract)


def _touch(row: ReviewPack | PackSection, **changes: object) -> None:
    """Written where nobody else has written since it was read."""
    mine = type(row).objects.filter(pk=row.pk, version=row.version)
    if not touched(mine, **changes):
        raise Conflict("version", "Somebody else changed this at the same moment. Look at it as it is now.")
    row.refresh_from_db()


@transaction.atomic
def write_section(
    *, by: Membership, section: PackSection, commentary: str, chosen: bool, seen: int | None = None
) -> PackSection:
    """What is said in a section, and whether it is in. Conflict where somebody else wrote meanwhile."""
    require(by, "pack.draft")
    must_be_as_seen(section, seen)
    text = commentary.strip()
    if len(text) > LONGEST_TEXT:
        raise RuleBroken(
            "commentary", f"The commentary has {len(text):,} characters; {LONGEST_TEXT:,} fit. Shorten it."
        )
    if (text, chosen) != (section.commentary, section.chosen):
        _touch(section, commentary=text, chosen=chosen)
    return section


@transaction.atomic
def move_section(*, by: Membership, section: PackSection, up: bool) -> None:
    """A section one place up or down; at the end it stays where it is."""
    require(by, "pack.draft")
    rows = list(PackSection.objects.select_for_update().filter(pack=section.pack_id).order_by("position", "name"))
    at = next(index for index, row in enumerate(rows) if row.pk == section.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    for position, row in enumerate(rows, 1):
        if row.position != position:
            PackSection.objects.filter(pk=row.pk).update(position=position)


@transaction.atomic
def ask_for_edition(*, by: Membership, pack: ReviewPack) -> PackEdition:
    """Have the next version made. Conflict where one is being made; RuleBroken where no section is chosen."""
    require(by, "pack.draft")
    if not pack.sections.filter(chosen=True).exists():
        raise RuleBroken("sections", "Choose at least one section.")
    last = pack.editions.order_by("-number").first()
    try:
        with transaction.atomic():
            return PackEdition.objects.create(
                pack=pack,
                number=last.number + 1 if last else 1,
                asked_by=by,
                asked_by_name=by.name,
                asked_at=clock.database_now(),
            )
    except IntegrityError:
        raise Conflict("making", "A version of this pack is being made already. Wait for it, or cancel it.") from None


@transaction.atomic
def cancel_edition(*, by: Membership, edition: PackEdition, seen: int | None = None) -> PackEdition:
    """Stop the making, or put away what was made and not published."""
    require(by, "pack.draft")
    must_be_as_seen(edition, seen)
    return move(edition, PackStatus.CANCELLED, PACK_MOVES)


@transaction.atomic
def publish_edition(
    *, by: Membership, edition: PackEdition, handed_over: bool = False, seen: int | None = None
) -> PackEdition:
    """The files as they were made become the pack of the meeting; `handed_over`: the vendor has them, too, from now on.

    RuleBroken where a file is not the one that was made.
    """
    require(by, "pack.publish")
    must_be_as_seen(edition, seen)
    if not all(file.is_intact for file in edition.files.all()):
        raise RuleBroken("damaged", "A file of this version is not the one that was made. Make the pack again.")
    now = clock.database_now()
    published = move(
        edition, PackStatus.PUBLISHED, PACK_MOVES, published_by=by, published_by_name=by.name, published_at=now
    )
    if handed_over:
        hand_over(by=by, edition=published, at=now)
    return published


# In the background -------------------------------------------------------------------------------------------------


def make_due(*, now: datetime) -> int:
    """Do the next step of the version that waits longest. Returns 1, or 0 where none waits.

    Each step is a transaction of its own, so that people see how far it is, and can cancel in between. A step that fails ends the
    making with its reason: asked for again, it begins at the first step.
    """
    waiting = PackEdition.objects.select_for_update(skip_locked=True, of=("self",)).filter(status__in=MAKING)
    edition = waiting.select_related("pack__vendor", "asked_by", "organisation").order_by("pk").first()
    if edition is None:
        return 0
    try:
        with transaction.atomic():
            STEPS[edition.status](edition, now)
    except Exception:
        # Whatever it is: the next version of somebody else's pack must not wait for it for ever.
        log.exception("Version %s of review pack %s was not made", edition.number, edition.pack_id)
        why = "Something went wrong while it was made. Try again; if it fails again, tell whoever runs Plumbline."
        edition.refresh_from_db(fields=["status", "version"])
        move(edition, PackStatus.FAILED, PACK_MOVES, failed_because=why)
        _tell(edition, f"The review pack of {edition.pack.vendor.name} could not be made", now)
    return 1


def _freeze(edition: PackEdition, now: datetime) -> None:
    pack = edition.pack
    chosen = (
        Contract.objects.filter(pk__in=pack.contracts.values("contract")).select_related("vendor").order_by("reference")
    )
    content = freeze(pack, edition, list(chosen), list(pack.sections.all()))
    before = pack.editions.filter(status=PackStatus.PUBLISHED, number__lt=edition.number).first()
    if before:
        changes = describe_changes(content_of(before), content)
        content |= {"changes": changes, "since": f"Since version {before.number}: {changes}."}
    _keep(edition, FileKind.CONTENT, as_bytes(content))
    move(edition, PackStatus.FROZEN, PACK_MOVES)


def _typeset(edition: PackEdition, now: datetime) -> None:
    content, [kept] = content_of(edition), edition.files.filter(kind=FileKind.CONTENT)
    data = content | {"checksum": f"Version {edition.number}, contents {format_checksum(kept.sha256)}"}
    _keep(edition, FileKind.PDF, as_pdf("review_pack", data, at=edition.asked_at))
    for kind, image in zip(PAGES, as_images("review_pack", data, at=edition.asked_at), strict=False):
        _keep(edition, kind, image)
    move(edition, PackStatus.TYPESET, PACK_MOVES)


def _write(edition: PackEdition, now: datetime) -> None:
    _keep(edition, FileKind.XLSX, workbook_of(content_of(edition)))
    move(edition, PackStatus.WRITTEN, PACK_MOVES)


def _check(edition: PackEdition, now: datetime) -> None:
    content, [pdf] = content_of(edition), edition.files.filter(kind=FileKind.PDF)
    pages = pages_of(bytes(pdf.content), content)
    move(edition, PackStatus.MADE, PACK_MOVES, pages=pages, changes=content.get("changes", ""))
    _tell(edition, f"The review pack of {edition.pack.vendor.name} is made", now)


STEPS: dict[str, Callable[[PackEdition, datetime], None]] = {
    PackStatus.WAITING: _freeze,
    PackStatus.FROZEN: _typeset,
    PackStatus.TYPESET: _write,
    PackStatus.WRITTEN: _check,
}


def content_of(edition: PackEdition) -> Content:
    """What a version was made from."""
    file = edition.files.get(kind=FileKind.CONTENT)
    content: Content = json.loads(bytes(file.content))
    return content


def _keep(edition: PackEdition, kind: FileKind, content: bytes) -> None:
    PackFile.objects.create(edition=edition, kind=kind, content=content, sha256=sha256(content).hexdigest())


def _tell(edition: PackEdition, title: str, now: datetime) -> None:
    pack = edition.pack
    event = NewEvent(
        key=f"pack:{edition.pk}:{edition.status}",
        kind="pack",
        title=title,
        detail=f"{format_months(pack.first, pack.last)}, version {edition.number}",
        path=f"review-packs/{pack.pk}/",
        members=(edition.asked_by_id,),
    )
    publish_events([event], now=now)
