"""A submission as a sheet: every service level with a period that ends in its month, by KRA, with what was reported and what came of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.models import Period
from disputes.pages.marks import NO_MARK, Mark
from evaluation.models import PastResult, Result
from evaluation.replay import Projection, preview
from evaluation.rules import VALUE_PLACES, Outcome
from explanations.thresholds import beside, minimum_of, places_of, target_of
from kras.models import Kra
from measurements.actions.answers import says_the_same
from measurements.actions.sheets import reported
from measurements.figures_file.columns import RELIEVABLE
from measurements.models import Evidence, Figure, Submission
from measurements.plausibility import Standing, is_answered, question_on, questions
from measurements.querysets import standing_levels
from measurements.rules import LIVE, Status, StepKind, removable
from measurements.wording import describe_cycle, describe_figure, describe_sum, format_lowered, format_sign, quotient
from reporting.pages.downstream_effects import downstream_effects
from reporting.pages.stood import Stood, stood_before
from reporting.querysets import MonthReport, accepted_for, replaced_results, seen_in
from slas.alignment import weights_in
from slas.models import ServiceLevel, Terms
from slas.wording import describe_span

UNDECIDED = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)


@dataclass
class Row:
    """One slot. `was` is what the revision before said, where it said something else."""

    level: ServiceLevel
    terms: Terms  # in force in the period
    period: Period
    figures: list[Figure] = field(default_factory=list)
    was: str = ""
    kept: bool = False  # it says what is accepted
    result: Result | None = None
    former: PastResult | None = None  # what superseded figures were judged as, where something else holds now
    would: dict[str, Any] | None = None  # the judgement that acceptance would store, by its columns
    headroom: dict[str, Any] | None = None  # with how many more failures it would lose its band
    previous: Result | None = None
    before: str = ""  # the figures that it was judged on
    questions: list[str] = field(default_factory=list)  # what one may ask about the figures
    mark: Mark = NO_MARK  # what waits for an answer about it
    stood: Result | None = None  # what is judged now, where a correction would put something else in its place
    waits_for_decision: bool = False  # submitted, and something else than what is accepted
    returned: str = ""  # why it was returned by itself, last time
    typed: str = ""  # why it shall be, not taken yet
    files: list[Evidence] = field(default_factory=list)  # evidence for it alone

    @property
    def key(self) -> str:
        return f"{self.level.pk}-{self.period.pk}"

    @property
    def relievable(self) -> bool:
        return self.level.measure["kind"] in RELIEVABLE

    @cached_property
    def unit(self) -> str:
        return format_sign(self.level.measure.get("unit") or "")

    @property
    def name(self) -> str:
        """The service level; with its period where that is not the month itself."""
        return self.level.name if self.level.cycle == "month" else f"{self.level.name}, {self.period.label}"

    @property
    def detail(self) -> str:
        measure = self.level.measure
        what = (
            f"{measure['of']} ÷ {format_lowered(measure['among'])}"
            if measure.get("of") and measure.get("among")
            else ""
        )
        rhythm = "" if self.level.cycle == "month" else describe_cycle(self.level.cycle).capitalize()
        return " · ".join(part for part in (rhythm, what) if part)

    @property
    def span(self) -> str:
        """Over what the judged value is, where it is not of the reported period alone."""
        return describe_span(self.terms.full, self.level.cycle)

    @cached_property
    def reported(self) -> list[tuple[str, str]]:
        """(part, text) of each figure."""
        return [(figure.part, describe_figure(self.level.measure, figure)) for figure in self.figures]

    @property
    def together(self) -> str:
        """What several parts come to."""
        return describe_sum(self.level.measure, self.figures)

    @cached_property
    def places(self) -> int:
        """Decimal places as on the scorecard: as many as the thresholds have, or as it takes to stand on the right side of them."""
        edges = [edge(self.terms.full) for edge in (target_of, minimum_of)]
        usual = {"availability": 2, "value": 2}.get(self.level.measure["kind"], 1)
        places = places_of(self.level.measure, edges)
        judged = self.result.value if self.result else self.would["value"] if self.would else None
        if judged is None or places is None:
            return usual if places is None else places
        needed = beside(Decimal(judged), edges, places)
        return VALUE_PLACES if needed is None else needed

    @property
    def waits(self) -> bool:
        """Reported, and what is stored does not know it yet."""
        return bool(self.figures) and (self.result is None or self.result.outcome == Outcome.NOT_MEASURED)

    @cached_property
    def value(self) -> Decimal | None:
        return quotient(self.level.measure, self.figures)

    @property
    def questions_open(self) -> bool:
        """Whether something is asked about the figures that no note answers; what was accepted as it is needs none."""
        return bool(self.questions) and not self.kept and not is_answered(self.figures)

    @property
    def notes(self) -> list[tuple[str, str]]:
        """(part, text) of notes and incidents."""
        lines = []
        for figure in self.figures:
            incident = f"Incident {figure.incident}." if figure.incident else ""
            if text := " ".join(part for part in (incident, figure.note) if part):
                lines.append((figure.part, text))
        return lines


@dataclass
class Group:
    """The rows that count for one KRA; `kra` is None for service levels that serve none."""

    kra: Kra | None
    rows: list[Row]

    @property
    def name(self) -> str:
        return self.kra.name if self.kra else "Serves no key result area"

    @property
    def done(self) -> int:
        return sum(1 for row in self.rows if row.figures)


@dataclass(frozen=True)
class Trigger:
    """A rule that would hold: its name, what follows, and the service level that it is about, or empty."""

    rule: str
    then: str
    level: str


@dataclass(frozen=True)
class Prospect:
    """What a submission's month would come to if it were accepted as it is.

    `breaches` are the slots that count as a default; `credit` is in the contract's currency, `score` and `coverage` of 100.
    """

    met: int
    below: int
    breaches: int
    points: Decimal
    credit: Decimal
    before_caps: Decimal
    score: Decimal | None
    grade: str
    coverage: Decimal
    provisional: bool  # a slot of the month is pending still
    later: str  # what changes in the months after; empty where nothing does
    rules: tuple["Trigger", ...]  # that would hold in the month
    stood: Stood | None = None  # what holds now, where something does

    @property
    def capped(self) -> bool:
        return self.credit < self.before_caps


@dataclass(frozen=True)
class Attachment:
    """A file of evidence. `question` is what one may ask about it, or empty; `removable` while nobody else was given it; `replaces` and
    `replaced`: the name of the older file, and whether there is a newer one."""

    evidence: Evidence
    question: str
    removable: bool
    replaces: str
    replaced: bool

    @property
    def asks(self) -> bool:
        """Whether nobody has answered yet."""
        return bool(self.question) and not self.evidence.answer


@dataclass
class Sheet:
    groups: list[Group]
    not_due: list[ServiceLevel]
    due_on: date | None  # the last due day of the month's periods
    prospect: Prospect | None
    levels: list[ServiceLevel]
    evidence: list[Attachment]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def done(self) -> int:
        return sum(group.done for group in self.groups)

    @property
    def unanswered(self) -> list[Row]:
        """Of whose figures something is asked that no note answers yet."""
        return [row for row in self.rows if row.questions_open]

    @property
    def questions(self) -> int:
        return sum(len(row.questions) for row in self.rows) + sum(one.asks for one in self.evidence)

    @property
    def clear(self) -> list[Row]:
        """The figures that wait and raise no question, and whose own evidence raises none."""
        asked = {one.evidence.service_level_id for one in self.evidence if one.asks}
        waiting = [row for row in self.rows if row.waits_for_decision and row.figures]
        return [row for row in waiting if not row.questions and row.level.pk not in asked]

    @property
    def waiting(self) -> list[Row]:
        return [row for row in self.rows if row.waits_for_decision]

    @property
    def judged(self) -> bool:
        """Whether every figure has its result; asked of accepted figures."""
        return not any(row.waits for row in self.rows)


def sheet_of(
    submission: Submission,
    found: MonthReport,
    *,
    as_of: date | None,
    levels: Sequence[Standing] | None = None,
    headroom_of: int | None = None,
) -> Sheet:
    """Everything of a submission's month, beside the short lists that were found for it. Five statements, and two for the preview; one
    less where the contract's `levels` were read already. `headroom_of`: the one service level whose row says how much it stands.

    Figures that may still be accepted are judged as things stand on `as_of`, the contract's local day, and nothing is written; None:
    they are not judged.
    """
    month = submission.month
    levels = standing_levels(submission.contract_id) if levels is None else levels
    rows = [
        Row(level, standing[-1], period)
        for level, versions in levels
        for period in found.periods
        if period.cycle == level.cycle and (standing := [one for one in versions if period.starts_on in one.valid])
    ]
    _fill(submission, rows, found, levels)
    groups = _by_kra(rows, found, max((row.period.ends_on for row in rows), default=month))
    there, named = {row.level.pk for row in rows}, {level.pk: level for level, _ in levels}
    prospect = None
    if as_of is not None and submission.status in UNDECIDED and any(row.figures for row in rows):
        first = min((row.period.starts_on for row in rows), default=month)
        projection = preview(submission, as_of=as_of, from_on=first, levels=list(named), headroom_of=headroom_of)
        prospect = _foresee(submission, rows, projection, {pk: level.name for pk, level in named.items()})
    return Sheet(
        groups,
        [level for pk, level in named.items() if pk not in there],
        max((row.period.due_on for row in rows), default=None),
        prospect,
        list(named.values()),
        [_attachment(submission, one, found, named) for one in found.evidence],
    )


def _attachment(
    submission: Submission, evidence: Evidence, found: MonthReport, levels: dict[int, ServiceLevel]
) -> Attachment:
    evidence.submission = submission
    evidence.service_level = levels.get(evidence.service_level_id or 0)
    asked = question_on(evidence, seen_in(evidence)) if submission.status in LIVE else ""
    of = vars(evidence)
    return Attachment(
        evidence,
        asked,
        removable(submission.status, found.handed_over_at(submission), evidence.added_at),
        of["replaces_name"] or "",
        of["replaced"],
    )


def _foresee(
    submission: Submission, rows: Iterable[Row], projection: Projection, names: dict[int, str]
) -> Prospect | None:
    """Put its judgement to each row; returns what they come to, None where the contract has no account of the month yet."""
    slots = {(one["service_level_id"], one["starts_on"]): one for one in projection.results}
    left = {(one["service_level_id"], one["starts_on"]): one for one in projection.headroom}
    for row in rows:
        key = row.level.pk, row.period.starts_on
        row.would, row.headroom = slots.get(key), left.get(key)
    money = next((one for one in projection.months if one["month"] == submission.month), None)
    card = next((one for one in projection.scores if one["month"] == submission.month), None)
    if money is None or card is None:
        return None
    judged = [row.would for row in rows if row.would]
    later = downstream_effects(projection, submission.month, names)
    return Prospect(
        met=sum(one["outcome"] == Outcome.MET for one in judged),
        below=sum(one["outcome"] == Outcome.MISS for one in judged),
        breaches=sum(one["streak"] > 0 for one in judged),
        points=money["points"],
        credit=money["credit"],
        before_caps=money["credit_before_caps"],
        score=card["score"],
        grade=card["grade"] or "",
        coverage=card["coverage"],
        provisional=card["provisional"],
        later=later.describe(submission.contract.currency) if later else "",
        rules=tuple(
            Trigger(one["rule"], one["then"], names.get(one["service_level_id"] or 0, ""))
            for one in projection.triggered_rules
            if one["month"] == submission.month
        ),
        stood=stood_before(submission) if submission.revision > 1 else None,
    )


def _fill(submission: Submission, rows: Iterable[Row], found: MonthReport, levels: Sequence[Standing]) -> None:
    figures, before = found.figures_of(submission), found.former_figures(submission)
    results = {(one.service_level_id, one.period_id): one for one in found.results}
    previous = {one.service_level_id: one for one in found.previous}
    former = replaced_results(submission) if submission.status == Status.SUPERSEDED else {}
    asked = defaultdict(list)
    own = found.figures if found.past else None
    asks = submission.pk and submission.status in LIVE
    for one in questions(submission, levels, own, found.past) if asks else ():
        asked[one.service_level.pk, one.period.starts_on].append(one.sentence)
    reasons = _reasons(found)
    for row in rows:
        key = (row.level.pk, row.period.pk)
        row.questions = asked[row.level.pk, row.period.starts_on]
        row.figures = figures.get(key, [])
        row.returned = reasons.get(key, "")
        row.waits_for_decision = submission.status == Status.SUBMITTED and [*map(reported, row.figures)] != [
            *map(reported, before.get(key, []))
        ]
        row.files = [one for one in found.evidence if one.service_level_id == row.level.pk]
        row.stood = results.get(key) if submission.status in UNDECIDED and submission.revision > 1 else None
        row.previous = previous.get(row.level.pk)
        if row.previous and (accepted := accepted_for(row.previous)):
            row.before = (describe_sum if len(accepted) > 1 else _spoken)(row.level.measure, accepted)
        if submission.status in (Status.ACCEPTED, Status.SUPERSEDED):
            row.result, row.former = results.get(key), former.get(key)
        if before:
            row.kept = says_the_same(row.figures, before.get(key, []))
            now, then = (_spoken(row.level.measure, sheet.get(key, [])) for sheet in (figures, before))
            row.was = (then or "nothing") if now != then else ""


def _reasons(found: MonthReport) -> dict[tuple[int, int], str]:
    """Why single figures were returned last, by service level and period."""
    last = next((one for one in found.steps if one.kind == StepKind.RETURNED), None)
    return {(level, period): reason for level, period, reason in last.figures} if last else {}


def _spoken(measure: dict[str, Any], figures: Iterable[Figure]) -> str:
    return "; ".join(f"{one.part} {describe_figure(measure, one)}".strip() for one in figures)


def _by_kra(rows: Iterable[Row], found: MonthReport, on: date) -> list[Group]:
    """Each row once: in the KRA in which it weighs most."""
    groups: dict[int | None, list[Row]] = {kra.pk: [] for kra in found.kras} | {None: []}
    aligned = defaultdict(list)
    for one in found.alignments:
        aligned[one.service_level_id].append(one)
    for row in rows:
        weights = weights_in(aligned[row.level.pk], on)
        groups[max(weights, key=lambda pk: weights[pk]) if weights else None].append(row)
    named = {kra.pk: kra for kra in found.kras}
    return [Group(named.get(pk) if pk else None, its) for pk, its in groups.items() if its]
