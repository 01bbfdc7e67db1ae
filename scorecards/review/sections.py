"""The sections of a review pack as blocks that a document sets: facts, lists, charts, names with values. All of it texts.

A block is a dictionary with its `kind`; `templates/documents/review_pack.typ` sets each kind.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from breaches.rules.plans import STANDS
from breaches.wording import format_period
from lib.months import format_months
from lib.status_styles import style_for
from lib.templatetags.dates import format_day, month_name
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import number
from scorecards.models import Publication
from scorecards.pages.levels import Level
from scorecards.pages.publication import change_between
from scorecards.review.charts import spark_svg, trend_svg
from scorecards.review.facts import ContractFacts
from scorecards.rules import Section
from slas.wording import describe_clauses, describe_target

Block = dict[str, Any]
ZERO = Decimal(0)
MOST_CHARTS = 8  # of a contract: what is taken to a meeting is looked at


def blocks_of(name: str, contracts: Sequence[ContractFacts]) -> list[Block]:
    """A section over all contracts; of more than one each part has its contract's name."""
    make, blocks = MAKERS[Section(name)], []
    for facts in contracts:
        if len(contracts) > 1:
            blocks.append({"kind": "title", "text": f"{facts.contract.title}, {facts.contract.reference}"})
        blocks += make(facts) or [{"kind": "quiet", "text": NOTHING[Section(name)]}]
    return blocks


def _summary(facts: ContractFacts) -> list[Block]:
    items = [_score(facts), _met(facts), _credit(facts)]
    if facts.plans:
        steps = [step for _, steps in facts.plans for step in steps]
        done = sum(bool(step.done) for step in steps)
        items.append(
            {"label": "Plans", "value": f"{done} of {len(steps)}" if steps else "None yet", "note": "steps done"}
        )
    return [{"kind": "facts", "items": items}]


def _score(facts: ContractFacts) -> Block:
    card, label = facts.card, f"Score, {month_name(facts.last)}"
    if card is None or card.score is None:
        return {"label": label, "value": "–", "note": "not measured"}
    months = sorted(month for month in facts.cards if month < facts.last)
    before = facts.cards[months[-1]] if months else None
    note = "" if before is None or before.score is None else f"{month_name(before.month)}: {number(before.score, 1)}"
    said = [card.grade or "", note, "" if facts.edition else "provisional"]
    return {"label": label, "value": number(card.score, 1), "note": " · ".join(filter(None, said))}


def _met(facts: ContractFacts) -> Block:
    met = sum(level.outcome == "met" for level in facts.judged)
    breaches = sum(level.outcome == "default" for level in facts.judged)
    return {
        "label": f"Targets met, {month_name(facts.last)}",
        "value": f"{met} of {len(facts.judged)}",
        "note": f"{breaches} in breach" if breaches else "none in breach",
    }


def _credit(facts: ContractFacts) -> Block:
    cut = sum((month.capped_amount for month in facts.money.values()), ZERO)
    note = f"{_money(cut, facts)} not charged because of a cap" if cut else "before invoices and waivers"
    if any(month not in facts.editions for month in facts.money):
        note = f"provisional · {note}"
    return {"label": f"Service credit, {_span(facts)}", "value": _money(facts.credit, facts), "note": note}


def _scorecard(facts: ContractFacts) -> list[Block]:
    card = facts.card
    if card is None:
        return []
    levels = {level.level.code: level for level in facts.judged}
    rows: list[Any] = []
    for kra in card.kras:
        served = [(levels[code], points, earned) for code, points, earned in kra.get("levels", ()) if code in levels]
        head = {"text": kra["name"], "strong": True}
        rows.append({"group": True, "cells": [head, "", "", "", "", _points(kra.get("earned"), kra.get("points"))]})
        rows += [_level_row(level, points, earned) for level, points, earned in served]
    edition = facts.edition
    standing = f"edition {edition.edition}" if edition else "provisional: not published"
    columns = [
        {"label": "Service level", "width": "1fr"},
        {"label": "Target", "align": "right"},
        {"label": month_name(facts.last), "align": "right"},
        {"label": "Status"},
        {"label": "12 months"},
        {"label": "Score points", "align": "right"},
    ]
    return [
        {"kind": "quiet", "text": f"{month_name(facts.last)}, {standing}"},
        {"kind": "listing", "columns": columns, "rows": rows},
    ]


def _level_row(level: Level, points: Decimal | None, earned: Decimal | None) -> list[Any]:
    style = style_for(level.outcome)
    name = {"text": level.level.name, "sub": level.level.code}
    tag = {"tone": style.look, "words": style.word}
    return [name, level.target, {"text": level.shown, "strong": True}, tag, spark_svg(level), _points(earned, points)]


def _points(earned: Decimal | None, points: Decimal | None) -> str:
    return "" if points is None or earned is None else f"{number(earned, 1)} / {number(points, 1)}"


def _trends(facts: ContractFacts) -> list[Block]:
    found = [level for level in facts.off_target if level.results][:MOST_CHARTS]
    blocks = []
    for level in found:
        said = [f"{level.target}, {month_name(facts.last)} {level.shown}.", *level.findings]
        heading = {"heading": f"{level.level.name}, {level.level.code}", "sub": " ".join(said)}
        blocks.append({"kind": "chart", **heading, **trend_svg(level)})
    return blocks


def _breaches(facts: ContractFacts) -> list[Block]:
    if not facts.breaches:
        return []
    columns = [{"label": "Service level", "width": "1fr"}, {"label": "Period"}, {"label": "State"}, {"label": "Since"}]
    rows = [
        [
            {"text": breach.service_level.name, "sub": breach.service_level.code},
            format_period(breach.period.cycle, breach.period.starts_on, breach.period.ends_on),
            str(STANDS.get(breach.plan.status, "") if breach.plan else "") or breach.get_status_display(),
            format_day(facts.contract.day(breach.opened_at)),
        ]
        for breach in facts.breaches
    ]
    blocks: list[Block] = [{"kind": "listing", "columns": columns, "rows": rows}]
    for plan, steps in facts.plans:
        names = sorted({breach.service_level.name for breach in facts.breaches if breach.plan_id == plan.pk})
        blocks.append({"kind": "title", "text": f"Plan for {', '.join(names)}"})
        blocks.append({"kind": "quiet", "text": f"{plan.get_status_display()}. Asked for: {plan.request}"})
        if steps:
            heads = [{"label": "Step", "width": "1fr"}, {"label": "Owner"}, {"label": "By"}, {"label": "Done"}]
            lines = [
                [
                    step.text,
                    step.owner,
                    format_day(step.due_on) if step.due_on else "all along",
                    format_day(facts.contract.day(step.done_at)) if step.done and step.done_at else "not yet",
                ]
                for step in steps
            ]
            blocks.append({"kind": "listing", "columns": heads, "rows": lines})
    return blocks


def _credits(facts: ContractFacts) -> list[Block]:
    if not facts.money:
        return []
    labels = ("Penalty points", "Charges", "At risk", "Credit", "Not charged (cap)", "Earned back")
    columns = [{"label": "Month", "width": "1fr"}, *({"label": label, "align": "right"} for label in labels)]
    rows: list[Any] = [
        [
            month_name(month.month) if month.month in facts.editions else _provisional(month.month),
            number(month.points),
            _money(month.charges, facts),
            _money(month.at_risk, facts) if month.at_risk else "",
            _money(month.credit, facts),
            *(_money(value, facts) if value else "" for value in (month.capped_amount, month.earned_back)),
        ]
        for month in facts.money.values()
    ]
    total = {"text": "Total", "sub": "less what was earned back", "strong": True}
    rows.append({"group": True, "cells": [total, "", "", "", _money(facts.credit, facts), "", ""]})
    return [{"kind": "listing", "columns": columns, "rows": rows}]


def _provisional(month: date) -> dict[str, str]:
    return {"text": month_name(month), "sub": "provisional"}


def _corrections(facts: ContractFacts) -> list[Block]:
    blocks = []
    for month in facts.months:
        editions = facts.editions.get(month, [])
        for later, earlier in pairwise(editions):
            blocks.append(_correction(later, earlier, facts))
    return blocks


def _correction(later: Publication, earlier: Publication, facts: ContractFacts) -> Block:
    change = change_between(earlier.snapshot, later.snapshot, facts.contract)
    said = [[head.label, head.before, head.after] for head in change.heads if head.moved]
    said += [[row["name"], row["shown"].before, row["shown"].after] for row in change.rows if row["shown"].moved]
    columns = [{"label": f"{month_name(later.month)}, edition {later.edition}", "width": "1fr"}]
    columns += [{"label": f"Edition {one.edition}", "align": "right"} for one in (earlier, later)]
    return {"kind": "listing", "columns": columns, "rows": said}


def _terms(facts: ContractFacts) -> list[Block]:
    blocks: list[Block] = []
    for level in facts.judged:
        if level.terms is None:
            continue
        clauses = describe_clauses(level.terms.full, level.level.measure)
        pairs = [["Target", describe_target(level.terms.full, level.level.measure)], *(list(pair) for pair in clauses)]
        blocks.append({"kind": "title", "text": f"{level.level.name}, {level.level.code}, v{level.terms.version}"})
        blocks.append({"kind": "pairs", "items": pairs})
    return blocks


def _money(value: Decimal, facts: ContractFacts) -> str:
    return format_amount(value, facts.contract.currency)


def _span(facts: ContractFacts) -> str:
    return format_months(facts.first, facts.last)


MAKERS: dict[Section, Callable[[ContractFacts], list[Block]]] = {
    Section.SUMMARY: _summary,
    Section.SCORECARD: _scorecard,
    Section.TRENDS: _trends,
    Section.BREACHES: _breaches,
    Section.CREDITS: _credits,
    Section.CORRECTIONS: _corrections,
    Section.TERMS: _terms,
}
NOTHING: dict[Section, str] = {
    Section.SUMMARY: "Nothing is judged yet.",
    Section.SCORECARD: "The last month has no scorecard yet.",
    Section.TRENDS: "All targets were met.",
    Section.BREACHES: "No breach in these months.",
    Section.CREDITS: "No month of these is judged yet.",
    Section.CORRECTIONS: "No month was published a second time.",
    Section.TERMS: "No service level is judged yet.",
}
