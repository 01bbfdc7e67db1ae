"""More time for the figures of a month."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Min

from contracts.actions.contracts import mark_all_for_reevaluation
from contracts.models import Contract, Extension, Period
from contracts.rules import EXTENSION_TRANSITIONS, ExtensionStatus
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.templatetags.dates import format_day
from lib.texts import checked
from lib.transitions import move, must_be_as_seen
from organisations.actions import require
from organisations.models import Membership

LONGEST_REASON = 2000
FURTHEST = timedelta(days=90)  # after the day on which it is due


@transaction.atomic
def ask_for_extension(
    *, by: Membership, contract: Contract, month: date, until: date, reason: str, now: datetime | None = None
) -> Extension:
    """The vendor asks for a later due day of a month's figures. `month` is its first day.

    RuleBroken without a reason, or where the day is past, no later than the due day or too far; Conflict where it is asked for already.
    """
    require(by, "extension.ask")
    now = now or clock.database_now()
    _must_be_later([contract], month, until, now)
    try:
        with transaction.atomic():
            return Extension.objects.create(
                vendor_id=contract.vendor_id,
                contract=contract,
                month=month,
                until=until,
                reason=checked(reason, "reason", LONGEST_REASON, "Say why."),
                asked_by=by,
                asked_by_name=by.name,
                asked_at=now,
            )
    except IntegrityError as twice:
        if "extension_one_open" not in str(twice):
            raise
        raise Conflict("extension", "More time is asked for already. Wait for the answer.") from twice


@transaction.atomic
def give_extensions(
    *, by: Membership, contracts: Sequence[Contract], month: date, until: date, reason: str, now: datetime | None = None
) -> list[Extension]:
    """The client gives a later due day of a month's figures unasked: for all of these contracts, or for none.

    RuleBroken without a reason, or where the day cannot be for one of them; Conflict where a vendor's request waits for its answer.
    """
    require(by, "extension.decide")
    now, why = now or clock.database_now(), checked(reason, "reason", LONGEST_REASON, "Say why.")
    open_requests = Extension.objects.filter(contract__in=contracts, month=month, status=ExtensionStatus.OPEN)
    if asked := open_requests.select_related("contract").first():
        raise Conflict("extension", f"{asked.contract.reference}: the vendor asks for more time. Answer that first.")
    _must_be_later(contracts, month, until, now)
    given = {"month": month, "until": until, "reason": why, "status": ExtensionStatus.GRANTED}
    own = {"asked_by": by, "asked_by_name": by.name, "asked_at": now}
    decided = {"decided_by": by, "decided_by_name": by.name, "decided_at": now}
    made = Extension.objects.bulk_create(
        Extension(contract=contract, vendor_id=contract.vendor_id, **given, **own, **decided) for contract in contracts
    )
    _make_due([contract.pk for contract in contracts], month, until)
    return made


def _must_be_later(contracts: Sequence[Contract], month: date, until: date, now: datetime) -> None:
    """RuleBroken where the day cannot be for one of them, which is named where there are several. One statement."""
    with_figures = Period.objects.filter(contract__in=contracts, month=month, slots__gt=0)
    due = dict(with_figures.order_by().values_list("contract").annotate(last=Max("due_on")))
    for contract in contracts:
        lead = f"{contract.reference}: " if len(contracts) > 1 else ""
        due_on = due.get(contract.pk)
        if due_on is None:
            raise RuleBroken("month", f"{lead}No figures are due for {month:%B %Y}.")
        if not max(due_on, contract.day(now) - timedelta(days=1)) < until <= due_on + FURTHEST:
            day, last = format_day(until), format_day(due_on)
            sentence = f"{lead}{day} cannot be. Choose a day after {last}, from today on, within 90 days."
            raise RuleBroken("until", sentence)


@transaction.atomic
def decide_on_extension(
    *,
    by: Membership,
    extension: Extension,
    grant: bool,
    answer: str = "",
    seen: int | None = None,
    now: datetime | None = None,
) -> Extension:
    """Grant it, or refuse it with the reason. Granted, the month's periods are due then: what is late, missing or to be reminded of
    follows. Conflict where a colleague was faster."""
    require(by, "extension.decide")
    must_be_as_seen(extension, seen)
    now = now or clock.database_now()
    said = checked(answer, "answer", LONGEST_REASON, "Say why.") if answer.strip() or not grant else ""
    decided = {"answer": said, "decided_by": by, "decided_by_name": by.name, "decided_at": now}
    move(extension, ExtensionStatus.GRANTED if grant else ExtensionStatus.REFUSED, EXTENSION_TRANSITIONS, **decided)
    if grant:
        _make_due([extension.contract_id], extension.month, extension.until)
    return extension


def _make_due(contracts: Sequence[int], month: date, until: date) -> None:
    """From now on the figures of the contracts' month are due no sooner. Three statements, whatever their number."""
    periods = Period.objects.filter(contract__in=contracts, month=month)
    first = dict(periods.order_by().values_list("contract").annotate(first=Min("starts_on")))
    periods.filter(due_on__lt=until).update(due_on=until)
    mark_all_for_reevaluation(first)
