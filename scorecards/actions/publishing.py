"""Publishing a contract's month: its numbers freeze as they are shown, and the vendor is asked for its answer."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from breaches.actions.audience import Audience
from contracts import calendar
from contracts.models import Contract, Reevaluation
from disputes.actions import note_published
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.templatetags.dates import format_day, format_deadline, month_name
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import number
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.actions import require
from organisations.models import Membership
from scorecards.models import Publication, PublicationAcceptance
from scorecards.rules import ANSWER_DAYS, LONGEST_WORD
from scorecards.snapshot import Standing, standing_of

CHANGED = "The numbers changed after you opened the page. Look at them as they are now, then publish."


@transaction.atomic
def publish(*, by: Membership, contract: Contract, month: date, seen: str, word: str = "") -> Publication:
    """Keep the month as it stands now as its next edition, and tell the vendor.

    `seen` is the checksum of the numbers that were looked at. RuleBroken where figures are missing or not judged, or where the latest
    edition says the same; Conflict where the numbers are others by now.
    """
    require(by, "scorecard.publish")
    if len(word) > LONGEST_WORD:
        raise RuleBroken(
            "word_too_long", f"The message has {len(word):,} characters; {LONGEST_WORD:,} fit. Shorten it."
        )
    now = clock.database_now()
    # As the judgement holds a contract: the month is not judged again while it is read, and of two who publish the second sees the first.
    list(Reevaluation.objects.select_for_update().filter(contract=contract).values_list("pk"))
    standing = standing_of(contract, month, now)
    if not standing.is_complete:
        lacking = "; ".join(check.text for check in standing.checks if not check.done)
        raise RuleBroken("incomplete", f"{month_name(month)} cannot be published yet: {lacking}.")
    if standing.checksum != seen:
        raise Conflict("version", CHANGED)
    before = Publication.objects.of(contract, month).first()
    if before is not None and before.checksum == standing.checksum:
        raise RuleBroken(
            "unchanged", f"Edition {before.edition} has these numbers already. There is nothing to publish."
        )
    made = next_edition(standing, before, by=by, word=word)
    made.save(force_insert=True)
    note_published(contract=contract, month=month, day=contract.day(now))
    publish_events([_published(made, before, contract, now)], now=now)
    return made


def next_edition(standing: Standing, before: Publication | None, *, by: Membership, word: str) -> Publication:
    """The edition that a complete month would become now, not stored: what a preview shows is what publishing keeps."""
    contract, snapshot = standing.contract, standing.snapshot
    return Publication(
        vendor_id=contract.vendor_id,
        contract=contract,
        month=standing.month,
        edition=before.edition + 1 if before else 1,
        snapshot=snapshot,
        checksum=standing.checksum,
        score=None if snapshot["score"] is None else Decimal(snapshot["score"]),
        points=Decimal(snapshot["points"]),
        credit=Decimal(snapshot["credit"]),
        word=word.strip(),
        answer_by=answer_day(contract, standing.now),
        by=by,
        by_name=by.name,
        at=standing.now,
    )


def answer_day(contract: Contract, now: datetime) -> date:
    """The contract's day up to which a vendor can answer to what is published now."""
    today = contract.day(now)
    days = contract.dispute_within or ANSWER_DAYS
    return calendar.due_on(today, days, calendar.WorkingCalendar.of(contract.in_force(today).calendar))


def _published(made: Publication, before: Publication | None, contract: Contract, now: datetime) -> NewEvent:
    again = f", edition {made.edition}" if before else ""
    said = [f"score {_moved(number(before.score, 1) if before else '', number(made.score, 1))}"]
    said.append(f"penalty points {_moved(number(before.points) if before else '', number(made.points))}")
    money = [format_amount(one.credit, contract.currency) if one else "" for one in (before, made)]
    said.append(f"credit {_moved(*money)}")
    return NewEvent(
        key=f"published:{made.pk}",
        kind="published",
        title=f"{month_name(made.month)} scorecard published{again}",
        detail=f"{contract.reference} · {', '.join(said)} · answer by {format_deadline(made.answer_by, contract.timezone)}",
        path=f"contracts/{contract.pk}/{made.month:%Y-%m}/publication/",
        members=Audience([contract.pk], now).vendor(contract.pk, contract.vendor_id),
        vendor_id=contract.vendor_id,
    )


def _moved(before: str, after: str) -> str:
    return f"{after} (was {before})" if before and before != after else after


@transaction.atomic
def accept_publication(*, by: Membership, publication: Publication) -> PublicationAcceptance:
    """The vendor accepts an edition. Conflict where there is a later one, or a colleague has accepted it; RuleBroken after its last day,
    since it counts as accepted then."""
    require(by, "scorecard.accept")
    now = clock.database_now()
    latest = Publication.objects.of(publication.contract_id, publication.month).first()
    if latest is None or latest.pk != publication.pk:
        raise Conflict("replaced", "A later edition of this month has been published. Look at it, then answer.")
    if publication.contract.day(now) > publication.answer_by:
        day = format_day(publication.answer_by)
        raise RuleBroken(
            "too_late", f"The last day to answer was {day}. Without an answer the edition counts as accepted."
        )
    try:
        with transaction.atomic():
            return PublicationAcceptance.objects.create(
                vendor_id=publication.vendor_id,
                publication=publication,
                by=by,
                by_name=by.name,
                at=now,
            )
    except IntegrityError:
        raise Conflict("answered", "A colleague has accepted this edition already.") from None
