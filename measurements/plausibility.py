"""Questions on the figures of a submission, and on its evidence. Not accusations: each is something to ask about.

Every answer may be a good one. Who reports is judged by what is reported; docs/signals.md says when a question is raised.
Nothing here refuses or changes a figure; that a vendor answers before figures are submitted is `actions/answers.py`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from statistics import median
from typing import Any, NamedTuple

from lib.control_limits import exact_limits
from lib.months import after
from lib.templatetags.dates import day, month_name
from lib.templatetags.numbers import number
from measurements.models import Evidence, Figure, Submission
from measurements.querysets import reported_series, standing_levels
from slas.models import ServiceLevel, Terms

HISTORY = 12  # periods before the reported one that are looked at
SHORT = 6  # and for volumes, relief and maintenance
REPEATED = 3
SUSPICIOUS_MARGIN = Fraction(2, 1000)  # of the distance from the target to the next band
NOTABLE_SHARE = Fraction(1, 100)  # of the volume, or of the period's minutes
# In how many months the periods lie that are looked at, for what is not cut as it pleases.
MONTHS_BACK = {"week": 4, "month": HISTORY, "quarter": 3 * HISTORY, "year": 12 * HISTORY}
MOST_MONTHS_BACK = 12 * HISTORY
SUMMED = ("numerator", "denominator", "value", "downtime", "maintenance", "relieved")


@lru_cache(8192)  # a submission is looked at by many, with the periods before it, and fractions are dear
def ratio_of(amount: Decimal, total: Decimal) -> Fraction:
    return Fraction(amount) / Fraction(total)


@dataclass(frozen=True)
class Period:
    """What was reported for one period, summed over its parts; `minutes` are the period's in the hours
    of the measure, as in the judgement. None stands for a column left empty."""

    starts_on: date
    label: str
    minutes: int = 0
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    downtime: Decimal | None = None
    maintenance: Decimal | None = None
    relieved: Decimal | None = None

    @property
    def volume(self) -> Decimal:
        """What maintenance and relief are a share of: cases, or minutes."""
        return self.denominator if self.denominator is not None else Decimal(self.minutes)

    @cached_property
    def level(self) -> Fraction | None:
        """A number that stands for the period in a trend, before exclusions: the ratio, the share of time, or the value."""
        if self.denominator is not None:
            return ratio_of(self.numerator or Decimal(0), self.denominator) if self.denominator else None
        if self.downtime is not None:
            return 1 - ratio_of(self.downtime, Decimal(self.minutes)) if self.minutes else None
        return None if self.value is None else Fraction(self.value)


@dataclass(frozen=True)
class Aim:
    """What the terms in force want, on the scale of Period.level: the first band's threshold, and how far the next one is from it."""

    better: str
    target: Fraction
    width: Fraction


@dataclass(frozen=True)
class Question:
    """Something to ask about a figure. `kind`: same, jump, hair, volume, relief, maintenance."""

    service_level: ServiceLevel
    period: Period
    kind: str
    sentence: str


Found = tuple[str, str]  # kind and sentence
Standing = tuple[ServiceLevel, list[Terms]]  # a service level with the versions of its terms, in order


def asked(history: Sequence[Period], now: Period, aim: Aim | None = None) -> list[Found]:
    """The questions on one period's figures. `history` are the periods before it that have figures, in order."""
    checks: tuple[Callable[[Sequence[Period], Period], Iterator[Found]], ...] = (_same, _jump, _volume, _excluded)
    found = [question for check in checks for question in check(history[-HISTORY:], now)]
    return found + (list(_hair(history, now, aim)) if aim else [])


def _same(history: Sequence[Period], now: Period) -> Iterator[Found]:
    """The same numerator and denominator, or the same number, several times in a row. Nothing at all may well repeat."""
    reported = _reported(now)
    in_a_row = [one for one in [*history, now][-REPEATED:] if _reported(one) == reported]
    if len(in_a_row) == REPEATED and not _flawless(now):
        shown = " of ".join(number(amount) for amount in reported if amount is not None)
        yield (
            "same",
            f"{shown} was reported {REPEATED} times in a row, since {day(in_a_row[0].starts_on)}. Was it counted again this month?",
        )


def _reported(one: Period) -> tuple[Decimal | None, ...]:
    return one.numerator, one.denominator, one.value, one.downtime


def _flawless(one: Period) -> bool:
    """No outage, no event, or nothing to measure."""
    return not any(amount for amount in _reported(one) if amount is not None)


def _jump(history: Sequence[Period], now: Period) -> Iterator[Found]:
    """A value that the twelve periods before do not lead one to expect."""
    limits = exact_limits([one.level for one in history])
    if limits is None or now.level is None or limits.lower <= now.level <= limits.upper:
        return
    way = "higher" if now.level > limits.upper else "lower"
    share = now.value is None
    # A share lies between nothing and everything, and so does what is expected of it.
    lower, upper = (
        (max(limits.lower, Fraction(0)), min(limits.upper, Fraction(1))) if share else (limits.lower, limits.upper)
    )
    low, high, level = (_written(amount, share) for amount in (lower, upper, now.level))
    yield "jump", f"{level} is {way} than earlier periods suggest ({low} to {high}). What changed?"


def _written(amount: Fraction, share: bool) -> str:
    """To two places; ratios as percentages."""
    exact = amount * 100 if share else amount
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return number(rounded) + "%" * share


def _hair(history: Sequence[Period], now: Period, aim: Aim) -> Iterator[Found]:
    """Six values in a row that reach the target by next to nothing. Values on the target itself count: that is where it is hit."""
    last = [one.level for one in [*history, now][-SHORT:]]
    if len(last) < SHORT:
        return
    sign = -1 if aim.better == "lower" else 1
    if all(level is not None and 0 <= sign * (level - aim.target) <= SUSPICIOUS_MARGIN * aim.width for level in last):
        yield "hair", f"The last {SHORT} values all reach the target by a hair. How are cases at the edge counted?"


def _volume(history: Sequence[Period], now: Period) -> Iterator[Found]:
    """Far fewer cases than usual: the ratio may be good because the hard ones are missing."""
    usual = [one.denominator for one in history[-SHORT:] if one.denominator is not None]
    if len(usual) < SHORT or now.denominator is None:
        return
    middle = median(usual)
    if now.denominator * 2 < middle:
        text = f"{number(now.denominator)} cases are less than half of the usual {number(middle)}. Are all of them in?"
        yield "volume", text


def _excluded(history: Sequence[Period], now: Period) -> Iterator[Found]:
    """Far more relief or maintenance than in any of the periods before."""
    for kind, word in (("relieved", "relief"), ("maintenance", "maintenance")):
        amount = getattr(now, kind) or Decimal(0)
        before = [getattr(one, kind) or Decimal(0) for one in history[-SHORT:]]
        if len(before) < SHORT or amount <= 2 * max(before) or amount <= NOTABLE_SHARE * Fraction(now.volume):
            continue
        what = "cases" if now.denominator is not None else "minutes"
        most = f"the most before was {number(max(before))}"
        yield RELIEF[kind], f"{number(amount)} {what} of {word} are unusually many: {most}. What were they?"


RELIEF = {"relieved": "relief", "maintenance": "maintenance"}


# Submissions -----------------------------------------------------------------------------------------------------


def questions(
    submission: Submission,
    levels: Sequence[Standing] | None = None,
    own: Sequence[Figure] | None = None,
    past: str = "",
) -> list[Question]:
    """The questions on a submission, by service level and period. One statement where its contract's levels are known; else two.

    Where its `own` figures are known, and of what they are compared with a text that changes with it (`past`), the series of service levels
    whose figures are as they were stand as they were read last.
    """
    known = {level.pk: (level, versions) for level, versions in (levels or standing_levels(submission.contract_id))}
    cycles = {level.cycle.partition(":")[0] for level, _ in known.values()}
    back = max((MONTHS_BACK.get(cycle, MOST_MONTHS_BACK) for cycle in cycles), default=0)
    of = (submission.pk, submission.contract_id, after(submission.month, -back), submission.month)
    series = reported_series(*of) if own is None else _remembered(of, own, past)
    found = []
    for level_id, text in sorted(series, key=lambda one: known[one[0]][0].position):
        level, versions = known[level_id]
        aims = tuple((terms.valid.lower, aim_of(terms.full, level.measure)) for terms in versions)
        said = _asked_of(text, level.measure.get("hours") == "calendar", level.measure.get("roll_up") == "mean", aims)
        found += [Question(level, *one) for one in said]
    return found


SERIES: dict[tuple[Any, ...], str] = {}  # of a service level, by all that it is made of
MOST_SERIES = 4096


def _remembered(of: tuple[int, int, date, date], own: Sequence[Figure], past: str) -> list[tuple[int, str]]:
    """The same as `reported_series`. One statement, for the service levels whose series is not known; none where all are."""
    reported: dict[int, list[tuple[Any, ...]]] = {}
    for figure in own:
        numbers = (getattr(figure, name) for name in SUMMED)
        reported.setdefault(figure.service_level_id, []).append((figure.period_id, figure.part, *numbers))
    keys = {level: (of, past, level, frozenset(figures)) for level, figures in reported.items()}
    known = {level: text for level, key in keys.items() if (text := SERIES.get(key))}
    if missing := [level for level in keys if level not in known]:
        if len(SERIES) > MOST_SERIES:
            SERIES.clear()
        for level, text in reported_series(*of, missing):
            known[level] = SERIES[keys[level]] = text
    return list(known.items())


# While a month is filled in, one series changes with each figure, and all are asked about.
@lru_cache(4096)
def _asked_of(
    series: str, in_working_hours: bool, mean: bool, aims: tuple[tuple[date, Aim | None], ...]
) -> tuple[tuple[Period, str, str], ...]:
    """The questions on one service level's series (`reported_series`): the period, kind and sentence. `aims` from which day on, in order.

    Parts are summed, or averaged where the measure says so.
    """
    mine: dict[date, Period] = {}
    past: dict[date, Period] = {}
    for own, day_, label, minutes, working_minutes, parts, *sums in json.loads(series):
        starts_on = date.fromisoformat(day_)
        named = {name: None if sum_ is None else Decimal(sum_) for name, sum_ in zip(SUMMED, sums, strict=True)}
        if mean and named["value"] is not None:
            named["value"] /= parts
        counted = (working_minutes if in_working_hours else minutes) * parts
        (mine if own else past)[starts_on] = Period(starts_on, label, counted, **named)
    before = sorted((past | mine).items())
    found = []
    for starts_on, now in sorted(mine.items()):
        history = [one for on, one in before if on < starts_on]
        aim = next((aim for since, aim in reversed(aims) if since <= starts_on), None)
        found += [(now, kind, sentence) for kind, sentence in asked(history, now, aim)]
    return tuple(found)


def is_answered(figures: Iterable[Figure]) -> bool:
    """Whether a note says something to what is asked about a slot's figures: one is enough."""
    return any(figure.note for figure in figures)


class SeenElsewhere(NamedTuple):
    """Where the same file was evidence before: of another month or contract, or of another figure of the same submission (`here`)."""

    month: date
    contract: str  # empty: the same
    level: str  # the service level that it is for; empty: all figures
    here: bool


def question_on(evidence: Evidence, seen: SeenElsewhere | None) -> str:
    """What to ask about evidence that was evidence elsewhere; empty where it was not."""
    if seen is None:
        return ""
    where = f"the evidence for {month_name(seen.month)}"
    if seen.contract:
        where += f" of {seen.contract}"
    elif seen.here:
        where = f"the evidence for {seen.level or 'all figures'}"
    return f"{evidence.name} is the same file as {where}. Is it the right one?"


def aim_of(terms: dict[str, Any], measure: dict[str, Any]) -> Aim | None:
    """The target of terms in their full form; None where there is none, or a range to stay inside."""
    texts = tuple(band["at"] for band in terms["bands"] if band.get("at") is not None)
    return _aim_at(texts, terms["better"], measure["kind"], measure.get("unit"), measure.get("scale"))


@lru_cache(1024)
def _aim_at(texts: tuple[str, ...], better: str, kind: str, unit: str | None, scale_: str | None) -> Aim | None:
    ats = [Fraction(text) for text in texts]
    if not ats:
        return None
    percent = kind == "availability" or (kind == "ratio" and unit == "percent")
    scale = Fraction(scale_ or 1) if kind == "ratio" else Fraction(100 if percent else 1)
    if len(ats) > 1:
        width = abs(ats[0] - ats[1])
    else:  # nothing but the target: how far it is from perfect, or from nothing
        width = scale - ats[0] if percent and better == "higher" else abs(ats[0])
    return Aim(better, ats[0] / scale, width / scale)
