"""A service level on the scorecard: its row, its sparkline and its trend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from disputes.pages.marks import Mark
from evaluation.rules import Outcome
from explanations import process_signals
from explanations.thresholds import SIGNS, Edge, format_edge, format_measured, minimum_of, places_of, target_of, unit_of
from lib.charts import Limit, Limits, Point, spark, trend
from lib.formats import Formats, active
from lib.status_styles import marker_for
from lib.templatetags.dates import MONTHS, month_name
from scorecards.querysets.results import Slot
from slas.models import ServiceLevel, Terms
from slas.wording import describe_span

LIMIT_WORDS = {"higher": "min", "lower": "max", "inside": "within"}
BAD = (Outcome.MISS, Outcome.DEFAULT)
NATURAL = (0.0, 1e15)  # counts, times and rates
PLURALS = {"month": "months", "quarter": "quarters", "year": "years", "week": "weeks"}


@dataclass
class Level:
    """A service level with the versions of its terms, and its results up to the month shown, the oldest first."""

    level: ServiceLevel
    month: date
    results: list[Slot] = field(default_factory=list)
    versions: dict[int, Terms] = field(default_factory=dict)
    mark: Mark | None = None  # what waits for an answer about its result

    @property
    def has_ended(self) -> bool:
        """Whether its last period ended before the month."""
        return self.level.ends_on is not None and self.level.ends_on < self.month

    @cached_property
    def now(self) -> list[Slot]:
        """The results of the slots that end in the month: one as a rule, more for weekly ones, none where nothing is due."""
        return [result for result in self.results if result.month == self.month]

    @cached_property
    def result(self) -> Slot | None:
        """The month's last one with a value, or its last one."""
        return next((one for one in reversed(self.now) if one.value is not None), self.now[-1] if self.now else None)

    @cached_property
    def terms(self) -> Terms | None:
        """Those of the month's result, or else those in force on the month's first day, or the first ones."""
        if self.result:
            return self.versions.get(self.result.terms_id)
        begun = [terms for terms in self.versions.values() if terms.valid.lower <= self.month]
        return begun[-1] if begun else next(iter(self.versions.values()), None)

    def terms_on(self, day: date) -> Terms | None:
        """Those in force on a day."""
        return next((terms for terms in self.versions.values() if day in terms.valid), None)

    @property
    def better(self) -> str:
        return str(self.terms.full["better"]) if self.terms else "higher"

    @cached_property
    def unit(self) -> str:
        return unit_of(self.level.measure)

    @cached_property
    def edges(self) -> list[Edge | None]:
        return [target_of(self.terms.full), minimum_of(self.terms.full)] if self.terms else [None, None]

    @cached_property
    def places(self) -> int | None:
        return places_of(self.level.measure, self.edges)

    @property
    def detail(self) -> str:
        rhythm = "" if self.level.cycle == "month" else f" · {EVERY.get(self.level.cycle, 'periods of its own')}"
        several = f" · {len(self.now)} periods" if len(self.now) > 1 else ""
        unit = f" · {self.unit}" if self.unit not in ("", "%") else ""
        return f"{self.level.code}{unit}{rhythm}{several}"

    @property
    def span(self) -> str:
        """Over what the value is, where it is not that of one period in the month."""
        return describe_span(self.terms.full, self.level.cycle) if self.terms else ""

    @property
    def value(self) -> Decimal | None:
        return self.result.value if self.result else None

    @property
    def change(self) -> Decimal | None:
        """Against the slot before."""
        if self.result is None or self.value is None or len(self.results) < 2:
            return None
        before = self.results[-2].value
        return None if before is None else self.value - before

    @cached_property
    def outcome(self) -> str:
        """The worst of the month's outcomes."""
        order = [Outcome.DEFAULT, Outcome.MISS, Outcome.NOT_MEASURED, Outcome.PENDING, Outcome.MET]
        there = {result.outcome for result in self.now}
        return next((str(one) for one in order if one in there), next(iter(there), ""))

    def said(self, value: Decimal | None) -> str:
        """A value with its unit where that is a sign, with enough places to stand on its side of each threshold."""
        return format_measured(value, self.edges, self.places, self.unit)

    @cached_property
    def shown(self) -> str:
        return self.said(self.value)

    @property
    def target(self) -> str:
        return format_edge(self.edges[0], SIGNS[self.better], self.unit)

    @property
    def minimum(self) -> str:
        text = format_edge(self.edges[1], "", self.unit)
        return f"{LIMIT_WORDS[self.better]} {text}" if text else ""

    # Charts ------------------------------------------------------------------------------------------------------

    def points(self, count: int) -> list[Point]:
        return [_point(result, titled=True) for result in self.results[-count:]]

    def limits(self, count: int) -> list[Limit]:
        """Target and minimum under the terms of each slot: they step where the terms changed."""
        edges = ((pk, target_of(terms.full), minimum_of(terms.full)) for pk, terms in self.versions.items())
        return _limits(self.results[-count:], edges)

    def spark(self, count: int = 12) -> dict[str, Any]:
        edges = tuple((pk, target_of(terms.full), minimum_of(terms.full)) for pk, terms in self.versions.items())
        return _spark(tuple(self.results[-count:]), edges, self.places, active())

    def trend(self, count: int) -> dict[str, Any] | None:
        """The chart's context; None where there is no result yet. Terms that came into force are noted where they begin."""
        shown = self.results[-count:]
        if not shown:
            return None
        notes = [
            (at, f"v{self.versions[later.terms_id].version} in force")
            for at, (earlier, later) in enumerate(pairwise(shown), 1)
            if later.terms_id != earlier.terms_id
        ]
        values = [result.value for result in shown]
        return trend(
            self.points(count),
            self.limits(count),
            better=self.better,
            unit=self.unit if self.unit == "%" else "",  # words do not fit beside the axis; the row says them
            places=self.places,
            notes=notes,
            control_limits=self._usual(),
            bounds=NATURAL if all(value is None or value >= 0 for value in values) and self.unit != "%" else None,
        )

    # Behaviour: of the whole history up to the month shown, however much of it is drawn -----------------------------

    @property
    def values(self) -> list[Decimal | None]:
        return [result.value for result in self.results]

    @property
    def bounds(self) -> process_signals.Bounds:
        return process_signals.bounds_of(self.level.measure, self.values)

    def _usual(self) -> Limits | None:
        """The limits of the process to draw: none where no value can be beyond."""
        usual = process_signals.limits(self.values)
        if usual is None:
            return None
        low, high = self.bounds
        lower = None if low is not None and usual.lower is not None and usual.lower < low else usual.lower
        upper = None if high is not None and usual.upper is not None and usual.upper > high else usual.upper
        return Limits(usual.mean, lower, upper)

    @cached_property
    def signals(self) -> list[process_signals.Signal]:
        """What is going on now."""
        return process_signals.signals(
            self.values,
            self.better,
            self.edges[0],
            labels=_Titles(self.results),
            unit=self.unit,
            bounds=self.bounds,
            only_current=True,
        )

    @cached_property
    def signal(self) -> dict[str, str]:
        """The latest signal for the row, in two words and in full; empty where there is none, or no value in the month."""
        if self.value is None or not self.signals:
            return {}
        latest = self.signals[-1]
        return {"words": VERDICTS[latest.verdict], "sentence": latest.sentence}

    @property
    def findings(self) -> list[str]:
        """What the trend says: for how long it has been off target, what is signal and not noise, and what to expect.

        What to expect is said of a process that goes on as it was; a signal says that this one does not.
        """
        found = [sentence] if (sentence := self._off_target()) else []
        if self.signals:
            return [*found, self.signals[-1].sentence]
        expected = process_signals.assurance(
            self.values, self.better, self.edges[0], unit=self.unit, bounds=self.bounds
        )
        return found + ([expected.sentence] if expected else [])

    def _off_target(self) -> str:
        run = 0
        for result in reversed(self.results):
            if result.outcome not in BAD:
                break
            run += 1
        if not run:
            return ""
        noun = PLURALS.get(self.level.cycle, "periods")
        return f"Off target for {run} {noun} in a row." if run > 1 else "Off target."


VERDICTS = {
    "improving": "Trend: getting better",
    "worsening": "Trend: getting worse",
    "changed": "Trend: unusual change",
}
EVERY = {"quarter": "quarterly", "year": "yearly", "week": "weekly"}


class _Titles(Sequence[str]):
    """The names of the periods of results, written when one is asked for."""

    def __init__(self, results: Sequence[Slot]) -> None:
        self.results = results

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, at: Any) -> Any:
        return _title(self.results[at])


Standard = tuple[int, Edge | None, Edge | None]  # the id of terms, their target, their minimum


@lru_cache(2048)  # what was judged once is looked at again and again; judged again it is another slot
def _spark(
    shown: tuple[Slot, ...], edges: tuple[Standard, ...], places: int | None, formats: Formats
) -> dict[str, Any]:
    """The line of a row, to be read only. Of its points only the first and the last value, which a summary names, have the name of their
    period."""
    known = [at for at, result in enumerate(shown) if result.value is not None]
    named = known[:1] + known[-1:]
    points = [_point(result, titled=at in named) for at, result in enumerate(shown)]
    return spark(points, _limits(shown, edges), places=places)


def _limits(shown: Sequence[Slot], edges: Iterable[Standard]) -> list[Limit]:
    by_terms = {pk: (target, minimum) for pk, target, minimum in edges}
    found = [by_terms[result.terms_id] for result in shown]
    kinds = {"target": [target for target, _ in found], "minimum": [minimum for _, minimum in found]}
    return [Limit(kind, values) for kind, values in kinds.items() if any(value is not None for value in values)]


def _point(result: Slot, *, titled: bool) -> Point:
    last = result.ends_on
    label = f"{last.day} {MONTHS[last.month - 1][:3]}" if result.cycle == "week" else MONTHS[last.month - 1][:3]
    return Point(label, result.value, marker_for(result.outcome), _title(result) if titled else "")


def _title(result: Slot) -> str:
    return month_name(result.month) if result.cycle == "month" else result.label


def levels_of(
    levels: Iterable[tuple[ServiceLevel, Sequence[Terms]]], results: Iterable[Slot], month: date
) -> list[Level]:
    """Service levels in their order, each with its results."""
    rows = {level.pk: Level(level, month, versions={one.pk: one for one in terms}) for level, terms in levels}
    for result in results:
        rows[result.service_level_id].results.append(result)
    return list(rows.values())


def chosen(levels: Sequence[Level], code: str) -> Level | None:
    """The one with the code; else the first in breach, the first below target, the first that was measured, the first."""
    named = next((row for row in levels if row.level.code == code), None)
    if named:
        return named
    for outcome in (Outcome.DEFAULT, Outcome.MISS, Outcome.MET):
        found = next((row for row in levels if row.outcome == outcome), None)
        if found:
            return found
    return next(iter(levels), None)
