"""A contract's month: the score, where the points went, and the service levels by key result area."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

from contracts.models import Contract
from evaluation.rules import Outcome
from lib.charts import bars, build_up
from lib.months import after
from lib.templatetags.dates import format_day, format_due
from lib.templatetags.numbers import number
from scorecards.models import Scorecard
from scorecards.pages.levels import Level
from slas.alignment import weights_in
from slas.models import Alignment

HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass
class ScoreLine:
    """A service level inside a KRA: the points that it could earn there, and those it earned."""

    row: Level
    points: Decimal | None
    earned: Decimal | None


@dataclass
class Group:
    """A KRA with the service levels that serve it, in points of the whole contract's 100, as the scorecard stores them."""

    name: str
    points: Decimal
    score: Decimal | None
    earned: Decimal | None
    lines: list[ScoreLine] = field(default_factory=list)
    code: str = ""

    @property
    def width(self) -> str:
        return bars(self.score or 0)


def groups_of(card: Scorecard | None, levels: Sequence[Level]) -> list[Group]:
    """Groups in the KRAs' order as the scorecard has them; a level that serves two stands in both. Levels that serve none come last;
    those that have ended are left out."""
    rows = {row.level.code: row for row in levels if not row.has_ended}
    groups, idle = [], dict(rows)
    for part in card.kras if card else ():
        lines = []
        for code, points, earned in part.get("levels", ()):
            idle.pop(code, None)
            if code in rows:
                lines.append(ScoreLine(rows[code], points, earned))
        groups.append(
            Group(
                part["name"],
                part.get("points") or ZERO,
                part["score"],
                part.get("earned"),
                lines,
                part.get("kra") or "",
            )
        )
    if idle:
        groups.append(
            Group("Serves no key result area", ZERO, None, None, [ScoreLine(row, None, None) for row in idle.values()])
        )
    return [group for group in groups if group.lines or group.points]


def unscored(alignments: Iterable[Alignment], levels: Sequence[Level], month: date) -> list[Group]:
    """The groups of a month that has no scorecard yet: as the service levels are aligned at its end, without points. `alignments` come with
    their KRAs, in the order of these."""
    levels = [row for row in levels if not row.has_ended]
    last, of_level = after(month) - timedelta(days=1), defaultdict(list)
    kras: dict[int, str] = {}
    for alignment in alignments:
        of_level[alignment.service_level_id].append(alignment)
        kras[alignment.kra_id] = alignment.kra.name
    weights = {row.level.pk: weights_in(of_level[row.level.pk], last) for row in levels}
    groups = [
        Group(name, ZERO, None, None, [ScoreLine(row, None, None) for row in levels if pk in weights[row.level.pk]])
        for pk, name in kras.items()
    ]
    idle = [ScoreLine(row, None, None) for row in levels if not weights[row.level.pk]]
    return [group for group in [*groups, Group("Serves no key result area", ZERO, None, None, idle)] if group.lines]


def parts_of(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """The bar that shows where the points went."""
    return build_up([(group.name, group.points, group.score) for group in groups if group.points])


def change(card: Scorecard | None, before: Scorecard | None) -> Decimal | None:
    """By how much the score moved against the month before."""
    if card is None or before is None or card.score is None or before.score is None:
        return None
    return card.score - before.score


def lost(card: Scorecard | None) -> Decimal | None:
    return None if card is None or card.score is None else HUNDRED - card.score


def grade_of(contract: Contract, card: Scorecard | None) -> dict[str, str]:
    """The grade with its colour (the first is good, the last bad), and from what score the next better one starts."""
    if card is None or card.grade is None:
        return {}
    grades = contract.in_force(card.month).scorecard.get("grades") or []
    names = [grade["name"] for grade in grades]
    if card.grade not in names:
        return {}
    at = names.index(card.grade)
    look = "met" if at == 0 or at < len(names) / 2 - 0.5 else "breach" if at == len(names) - 1 else "risk"
    short = (Decimal(grades[at - 1]["at"]) - card.score) if at and card.score is not None else None
    better = (
        f"{number(short.quantize(Decimal('0.1'), ROUND_UP))} score points short of “{names[at - 1]}” ({number(grades[at - 1]['at'])})."
        if short is not None
        else "The best grade."
    )
    return {"name": card.grade, "look": look, "next": better}


def note_of(
    card: Scorecard | None, levels: Sequence[Level], waiting: bool, month: date, today: date, zone: str
) -> dict[str, str]:
    """What is missing in the month, when it is due, and what that means for the score. Empty where everything is in."""
    open_ = [row for row in levels if row.outcome == Outcome.PENDING]
    absent = [row for row in levels if row.outcome == Outcome.NOT_MEASURED]
    opens = after(month)
    if not any(row.now for row in levels):
        if opens > today:
            return {
                "look": "info",
                "lead": "Not started.",
                "text": f"The month's figures can be reported from {format_day(opens)}.",
            }
        return {
            "look": "info",
            "lead": "Nothing judged.",
            "text": "No service level has a period that ends in this month.",
        }
    if open_:
        due = max(row.result.due_on for row in open_ if row.result)
        waits = "They wait for a decision." if waiting else f"They are due by {format_due(due, zone)}."
        weight = "Their weight is shared among the rest of their key result areas until then."
        text = f"Figures of {named(open_)} are not accepted yet. {waits} {weight if len(open_) < len(levels) else ''}"
        return {"look": "late", "lead": "Provisional.", "text": text.strip()}
    if absent and waiting:
        text = (
            f"Figures of {named(absent)} were submitted and wait for a decision. Until then they count as not measured."
        )
        return {"look": "info", "lead": "To accept.", "text": text}
    if absent:
        due = min(row.result.due_on for row in absent if row.result)
        since = f", due by {format_due(due, zone)}"
        return {
            "look": "late",
            "lead": "Not reported.",
            "text": f"Figures of {named(absent)} are missing{since}. {_effect(card)}",
        }
    return {}


def _effect(card: Scorecard | None) -> str:
    if card is None or card.score is None:
        return "There is no score without them."
    return f"The score stands on {number(card.coverage, 0)}% of the weight."


def named(rows: Sequence[Level]) -> str:
    """One or two by name, more by number."""
    if len(rows) <= 2:
        return " and ".join(f"“{row.level.name}”" for row in rows)
    return f"{len(rows)} service levels"
