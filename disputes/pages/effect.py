"""What a ruling would change, worked out before it is made: by the judgement itself, on a correction that is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from disputes.actions import numbers_of
from disputes.models import Dispute, ReliefRequest
from disputes.pages.hearing import format_result
from evaluation.replay import Projection, preview
from explanations.words import format_money, format_number
from lib.errors import RuleBroken
from lib.status_styles import style_for
from measurements.actions import granted_of, put_right
from measurements.models import Submission
from measurements.rules import LIVE, Status
from organisations.models import Membership
from slas.models import ServiceLevel, Terms

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One line: what it is about, what holds now, what would hold; the same text twice where it stays."""

    label: str
    before: str
    after: str
    note: str = ""

    @property
    def stays(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True)
class Effect:
    """`refused`: why the figure could not count."""

    changes: tuple[Change, ...] = ()
    later: str = ""
    refused: str = ""


def effect_of_relief(by: Membership, request: ReliefRequest, granted: Decimal, now: datetime) -> Effect | None:
    """What it would change to grant this much."""
    before = granted_of(request.service_level, request.period, request.part)
    return _effect(by, request, {"relieved": before + granted}, now)


def effect_of_dispute(by: Membership, dispute: Dispute, now: datetime) -> Effect | None:
    """What it would change to uphold the vendor's figure. None where it gives none."""
    numbers = numbers_of(dispute)
    return _effect(by, dispute, numbers, now) if numbers else None


def _effect(
    by: Membership, of: ReliefRequest | Dispute, numbers: Mapping[str, Decimal], now: datetime
) -> Effect | None:
    """None where no figure is reported that could be changed, or the vendor still prepares the only ones.

    The month is judged twice, as it stands and put right; nothing stays written.
    """
    there = {
        one.status: one
        for one in Submission.objects.filter(contract=of.contract_id, month=of.month).exclude(status=Status.SUPERSEDED)
    }
    stands = there.get(Status.ACCEPTED) or next((one for status, one in there.items() if status in LIVE), None)
    if stands is None or stands.is_closed_to(by):
        return None
    as_of = of.contract.day(now)
    levels = list(ServiceLevel.objects.filter(contract=of.contract_id).values_list("pk", flat=True))
    before = preview(stands, as_of=as_of, from_on=of.period.starts_on, levels=levels)
    try:
        with transaction.atomic():
            corrected = put_right(
                by=by,
                service_level=of.service_level,
                period=of.period,
                part=of.part,
                numbers=numbers,
                reason="Preview",
                now=now,
            )
            after = preview(corrected or stands, as_of=as_of, from_on=of.period.starts_on, levels=levels)
            transaction.set_rollback(True)
    except RuleBroken as refused:
        return Effect(refused=refused.sentence)
    return _compared(of, before, after)


def _compared(of: ReliefRequest | Dispute, before: Projection, after: Projection) -> Effect | None:
    slot = (of.service_level_id, of.period.starts_on)
    was, becomes = (_of_slot(one, slot) for one in (before, after))
    if was is None or becomes is None:
        return None
    terms = Terms.objects.filter(service_level=of.service_level_id, valid__contains=of.period.starts_on).first()

    def value(row: Row) -> str:
        known = row["value"] is not None and terms is not None
        return format_result(Decimal(row["value"]), terms.full, of.service_level.measure) if known and terms else "–"

    months = [_of_month(one.months, of) for one in (before, after)]
    scores = [_of_month(one.scores, of) for one in (before, after)]
    changes = [
        Change("Result", value(was), value(becomes)),
        Change("Outcome", _outcome(was), _outcome(becomes)),
        Change("Penalty points", format_number(was["points"]), format_number(becomes["points"])),
        Change(
            f"Score of {of.month:%B}",
            *("–" if not row or row["score"] is None else format_number(row["score"], 1) for row in scores),
        ),
    ]
    money = [Decimal(row["credit"] - row["earned_back"]) if row else Decimal(0) for row in months]
    texts = [format_money(amount, of.contract.currency, of.contract.minor_unit) for amount in money]
    capped = bool(months[1] and months[1]["capped"])
    note = _why_money_stays(was, becomes, money, capped)
    changes.append(Change(f"Credit, {of.month:%B}", texts[0], texts[1], note))
    rest = sum((row["amount"] for row in after.credit_changes if row["month"] > of.month), Decimal(0))
    later = ""
    if rest:
        sign = "−" if rest < 0 else "+"
        later = f"Later months: {sign}{format_money(abs(rest), of.contract.currency, of.contract.minor_unit)}"
    return Effect(tuple(changes), later)


def _of_slot(projection: Projection, slot: tuple[int, Any]) -> Row | None:
    return next((row for row in projection.results if (row["service_level_id"], row["starts_on"]) == slot), None)


def _of_month(rows: Sequence[Row], of: ReliefRequest | Dispute) -> Row | None:
    return next((row for row in rows if row["month"] == of.month), None)


def _outcome(row: Row) -> str:
    word = style_for(row["outcome"]).word
    return f"{word}, {row['band_name']}" if row.get("band_name") else word


def _why_money_stays(was: Row, becomes: Row, money: list[Decimal], capped: bool) -> str:
    if money[0] != money[1]:
        return ""
    if was["points"] != becomes["points"] and capped:
        return "As before: the cap limits it"
    return "As before"
