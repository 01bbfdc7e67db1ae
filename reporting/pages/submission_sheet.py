"""A submission as a sheet: every service level with a period that ends in its month, by KRA, with what was reported and what came of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.models import Period
from evaluation.models import PastResult, Result
from evaluation.replay import Projection, preview
from evaluation.rules import VALUE_PLACES, Outcome
from explanations.thresholds import beside, minimum_of, places_of, target_of
from kras.models import Kra
from measurements.models import Evidence, Figure, Submission
from measurements.plausibility import questions, seen_before
from measurements.rules import LIVE, EvidenceState, Status, removable
from measurements.wording import describe_cycle, describe_figure, describe_sum, format_lowered, format_sign, quotient
from reporting.pages.downstream_effects import downstream_effects
from reporting.querysets import replaced_results
from slas.alignment import weights_in
from slas.models import ServiceLevel

UNDECIDED = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)


@dataclass
class Row:
    """One slot. `was` is what the revision before said, where it said something else."""

    level: ServiceLevel
    period: Period
    figures: list[Figure] = field(default_factory=list)
    was: str = ""
    result: Result | None = None
    former: PastResult | None = None  # what superseded figures were judged as, where something else holds now
    would: dict[str, Any] | None = None  # the judgement that acceptance would store, by its columns
    previous: Result | None = None
    questions: list[str] = field(default_factory=list)  # what one may ask about the figures

    @property
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
    def reported(self) -> list[tuple[str, str]]:
        """(part, text) of each figure."""
        return [(figure.part, describe_figure(self.level.measure, figure)) for figure in self.figures]

    @property
    def together(self) -> str:
        """What several parts come to."""
        return describe_sum(self.level.measure, self.figures)

    @property
    def places(self) -> int:
        """Decimal places as on the scorecard: as many as the thresholds have, or as it takes to stand on the right side of them."""
        standing = [terms for terms in self.level.terms.all() if self.period.starts_on in terms.valid]
        edges = [edge(standing[-1].full) for edge in (target_of, minimum_of)] if standing else []
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

    @property
    def value(self) -> Decimal | None:
        return quotient(self.level.measure, self.figures)

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
class Prospect:
    """What a submission's month would come to if it were accepted as it is.

    `breaches` are the slots that count as a default; `credit` is in the contract's currency, `score` and `coverage` of 100.
    """

    met: int
    below: int
    breaches: int
    points: Decimal
    credit: Decimal
    score: Decimal | None
    coverage: Decimal
    provisional: bool  # a slot of the month is pending still
    later: str  # what changes in the months after; empty where nothing does


@dataclass(frozen=True)
class Attachment:
    """A file of evidence. `question` is what one may ask about it, or empty; `removable` while nobody else was given it."""

    evidence: Evidence
    question: str
    removable: bool


@dataclass
class Sheet:
    groups: list[Group]
    not_due: list[ServiceLevel]
    due_on: date | None  # the last due day of the month's periods
    prospect: Prospect | None = None
    evidence: list[Attachment] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def done(self) -> int:
        return sum(group.done for group in self.groups)

    @property
    def questions(self) -> int:
        return sum(len(row.questions) for row in self.rows) + sum(bool(one.question) for one in self.evidence)

    @property
    def judged(self) -> bool:
        """Whether every figure has its result; asked of accepted figures."""
        return not any(row.waits for row in self.rows)


def sheet_of(submission: Submission, *, as_of: date) -> Sheet:
    """Everything of a submission's month. The number of statements does not depend on service levels or figures.

    Figures that may still be accepted are judged as things stand on `as_of`, the contract's local day, and nothing is written.
    """
    contract, month = submission.contract, submission.month
    levels = list(contract.service_levels.prefetch_related("alignments", "terms"))
    periods = list(contract.periods.filter(month=month).order_by("starts_on"))
    rows = [
        Row(level, period)
        for level in levels
        for period in periods
        if period.cycle == level.cycle and any(period.starts_on in terms.valid for terms in level.terms.all())
    ]
    _fill(submission, rows)
    groups = _by_kra(rows, list(contract.kras.all()), max((row.period.ends_on for row in rows), default=month))
    there = {row.level.pk for row in rows}
    prospect = None
    if submission.status in UNDECIDED and any(row.figures for row in rows):
        prospect = _foresee(submission, rows, preview(submission, as_of=as_of), {one.pk: one.name for one in levels})
    return Sheet(
        groups,
        [level for level in levels if level.pk not in there],
        max((row.period.due_on for row in rows), default=None),
        prospect,
        _evidence(submission),
    )


def _evidence(submission: Submission) -> list[Attachment]:
    handed_over_at = submission.handed_over_at()
    seen = seen_before(submission) if submission.status in LIVE else {}
    stored = submission.evidence.exclude(state=EvidenceState.PENDING).select_related("service_level")
    return [
        Attachment(one, seen.get(one.pk, ""), removable(submission.status, handed_over_at, one.added_at))
        for one in stored
    ]


def _foresee(
    submission: Submission, rows: Iterable[Row], projection: Projection, names: dict[int, str]
) -> Prospect | None:
    """Put its judgement to each row; returns what they come to, None where the contract has no account of the month yet."""
    slots = {(one["service_level_id"], one["starts_on"]): one for one in projection.results}
    for row in rows:
        row.would = slots.get((row.level.pk, row.period.starts_on))
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
        score=card["score"],
        coverage=card["coverage"],
        provisional=card["provisional"],
        later=later.describe(submission.contract.currency) if later else "",
    )


def _fill(submission: Submission, rows: Iterable[Row]) -> None:
    figures, before = _figures(submission)
    results = {
        (one.service_level_id, one.period_id): one
        for one in Result.objects.filter(contract=submission.contract, month=submission.month).exclude(
            outcome="pending"
        )
    }
    latest = (
        Result.objects.filter(contract=submission.contract, month__lt=submission.month)
        .exclude(outcome="pending")
        .order_by("service_level_id", "-starts_on")
        .distinct("service_level_id")
    )
    previous = {one.service_level_id: one for one in latest}
    former = replaced_results(submission) if submission.status == Status.SUPERSEDED else {}
    asked = defaultdict(list)
    for one in questions(submission) if submission.status in LIVE else ():
        asked[one.service_level.pk, one.period.starts_on].append(one.sentence)
    for row in rows:
        key = (row.level.pk, row.period.pk)
        row.questions = asked[row.level.pk, row.period.starts_on]
        row.figures = figures.get(key, [])
        row.previous = previous.get(row.level.pk)
        if submission.status in (Status.ACCEPTED, Status.SUPERSEDED):
            row.result, row.former = results.get(key), former.get(key)
        measure = row.level.measure
        now, then = (_spoken(measure, found.get(key, [])) for found in (figures, before))
        if before and now != then:
            row.was = then or "nothing"


def _spoken(measure: dict[str, Any], figures: Iterable[Figure]) -> str:
    return "; ".join(f"{one.part} {describe_figure(measure, one)}".strip() for one in figures)


def _figures(submission: Submission) -> tuple[dict[tuple[int, int], list[Figure]], dict[tuple[int, int], list[Figure]]]:
    """Its own figures and those of the revision before, by service level and period. One statement."""
    same_month = Submission.objects.filter(contract=submission.contract, month=submission.month)
    ids = dict(same_month.values_list("revision", "pk"))
    former = next((ids[revision] for revision in sorted(ids, reverse=True) if revision < submission.revision), None)
    found: dict[int, dict[tuple[int, int], list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for one in Figure.objects.filter(submission__in=[submission.pk, former]).order_by("part"):
        found[one.submission_id][one.service_level_id, one.period_id].append(one)
    return found[submission.pk], found[former] if former else {}


def _by_kra(rows: Iterable[Row], kras: list[Kra], on: date) -> list[Group]:
    """Each row once: in the KRA in which it weighs most."""
    groups: dict[int | None, list[Row]] = {kra.pk: [] for kra in kras} | {None: []}
    for row in rows:
        weights = weights_in(row.level.alignments.all(), on)
        groups[max(weights, key=lambda pk: weights[pk]) if weights else None].append(row)
    named = {kra.pk: kra for kra in kras}
    return [Group(named.get(pk) if pk else None, found) for pk, found in groups.items() if found]
