"""Figures of the demo's contracts: every month from a contract's first to the last finished one, told from ``stories``.

The same contract, service level, period and place in its story always give the same figures: the noise comes from a
hash of their names.
"""

import csv
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, TextIO, TypedDict

import yaml

from demo.series import Series
from demo.stories import PLOTS

CONTRACTS = Path(__file__).parent / "contracts"
COLUMNS = (
    "service_level",
    "period",
    "part",
    "numerator",
    "denominator",
    "value",
    "downtime",
    "maintenance",
    "relieved",
    "incident",
    "note",
)
Row = dict[str, str]
# The C loader is ten times as fast, and not on every system.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RUNNING = -1
"""Age of the month that has not ended yet."""
WEEK_REPORTED_AFTER = timedelta(days=3)


class Submission(TypedDict):
    """A vendor's figures of one contract and month, as they stand in the demo."""

    month: str  # 2026-10
    revision: int  # 1, or 2 for a correction
    status: str  # accepted | submitted | draft | none
    reason: str  # of a correction
    days_late: int  # after the due day; 0 where the figures came before it
    rows: list[Row]


@dataclass(frozen=True)
class Period:
    """A slice of a service level's calendar, both days inclusive, cut to the contract's term."""

    starts_on: date
    ends_on: date

    @property
    def month(self) -> date:
        """First day of the month in whose figures the period is reported."""
        return self.ends_on.replace(day=1)


@dataclass(frozen=True)
class Moment:
    """A period and its place in the story."""

    period: Period
    age: int
    revision: int = 1
    keys: tuple[int | str, ...] = field(init=False)

    def __post_init__(self) -> None:
        month = f"{self.period.month:%Y-%m}"
        object.__setattr__(self, "keys", (self.period.starts_on.isoformat(), month, self.age))


@cache
def contract_files() -> dict[str, Path]:
    """The demo's contract files by contract reference, in the order of their names."""
    return {str(_load(path)["contract"]["reference"]): path for path in sorted(CONTRACTS.glob("*.yaml"))}


@cache
def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = LOADER(path.read_bytes()).get_single_data()
    return loaded


def figures(contract_reference: str, today: date | None = None) -> list[Submission]:
    """All submissions of a contract up to ``today`` (default: the current day), in the order in which they were made.

    The last finished month has age 0. A month without any report is listed with status ``none``. Of the running month
    only weekly service levels have figures, those of the weeks that have ended.
    """
    today = today or date.today()
    terms = _load(contract_files()[contract_reference])
    first, end = terms["contract"]["starts_on"].replace(day=1), terms["contract"]["ends_on"]
    plot = PLOTS[contract_reference]
    last = _add_months(today.replace(day=1), -1)
    told: list[Submission] = []
    corrections: dict[int, Submission] = {}
    month = first
    while month <= min(last, end):
        age = _months_between(month, last)
        told.append(_submission(contract_reference, terms, month, age, today))
        if age in plot.corrections:
            corrected = _submission(contract_reference, terms, month, age, today, revision=2)
            corrections[max(0, age - 2)] = {**corrected, "reason": plot.corrections[age]}
        if age in corrections:
            told.append(corrections.pop(age))
        month = _add_months(month, 1)
    running = _submission(contract_reference, terms, month, RUNNING, today)
    return [*told, running] if running["rows"] and month <= end else told


def reported(contract_reference: str, today: date | None = None) -> list[Row]:
    """The rows that count at ``today``: of each month the latest figures that were submitted, accepted or not."""
    latest: dict[str, list[Row]] = {}
    for submission in figures(contract_reference, today):
        if submission["status"] in ("accepted", "submitted"):
            latest[submission["month"]] = submission["rows"]
    return [row for month in sorted(latest) for row in latest[month]]


def write_csv(rows: list[Row], to: TextIO) -> None:
    """Write rows as a figures file."""
    out = csv.DictWriter(to, COLUMNS, lineterminator="\n")
    out.writeheader()
    out.writerows(rows)


def _submission(
    reference: str, terms: dict[str, Any], month: date, age: int, today: date, revision: int = 1
) -> Submission:
    plot = PLOTS[reference]
    status = "accepted"
    if age in plot.absent:
        status = "none"
    elif age in plot.unfinished:
        status = "draft"
    elif age in plot.waiting:
        status = "submitted"
    rows: list[Row] = []
    if status != "none":
        for level in terms["service_levels"]:
            series = plot.series[level["code"]]
            for period in _periods(level, terms["contract"], month):
                if age != RUNNING or period.ends_on + WEEK_REPORTED_AFTER <= today:
                    rows.extend(_rows(reference, level, series, Moment(period, age, revision)))
    if status == "draft":
        rows = rows[: len(rows) // 2]
    return {
        "month": f"{month:%Y-%m}",
        "revision": revision,
        "status": status,
        "reason": "",
        "days_late": plot.tardy.get(age, 0),
        "rows": rows,
    }


def _periods(level: dict[str, Any], contract: dict[str, Any], month: date) -> Iterator[Period]:
    """The periods of a service level that end in a month, for which terms are in force."""
    next_month = _add_months(month, 1)
    if level["every"] == "week":
        # ISO weeks end on Sundays.
        day = month + timedelta(days=6 - month.weekday())
        slices = [
            (end - timedelta(days=6), end) for end in (day + timedelta(weeks=n) for n in range(6)) if end < next_month
        ]
    else:
        length = {"month": 1, "quarter": 3, "year": 12}[level["every"]]
        slices = (
            [(_add_months(next_month, -length), next_month - timedelta(days=1))] if month.month % length == 0 else []
        )
    for starts_on, ends_on in slices:
        period = Period(max(starts_on, contract["starts_on"]), min(ends_on, contract["ends_on"]))
        if level["terms"][0]["from"] <= period.starts_on <= period.ends_on:
            yield period


def _rows(reference: str, level: dict[str, Any], series: Series, moment: Moment) -> Iterator[Row]:
    fixed = _first(series.fixed, moment)
    for part in series.parts or ("",):
        noise = Noise(reference, level["code"], moment.period.starts_on.isoformat(), part)
        row = dict.fromkeys(COLUMNS, "") | {
            "service_level": level["code"],
            "period": moment.period.starts_on.isoformat(),
            "part": part,
        }
        row |= fixed or _told(level["measure"], series, moment, part, noise)
        yield row | (_first(series.extra, moment) or {})


def _told(measure: dict[str, Any], series: Series, moment: Moment, part: str, noise: "Noise") -> Row:
    kind, period = measure["kind"], moment.period
    level = _level(series, moment) + series.spread * noise.bell("level")
    if kind == "ratio":
        denominator = round(_volume(series, moment) * series.parts.get(part, 1.0) * (1 + 0.04 * noise.bell("volume")))
        share = level / float(measure.get("scale", 100))
        numerator = max(0, math.floor(denominator * share + noise.uniform("rounding")))
        if measure["unit"] == "percent":
            numerator = min(numerator, denominator)
        return {"numerator": str(numerator), "denominator": str(denominator)}
    level = max(series.floor, level + series.parts.get(part, 0.0))
    if kind == "availability":
        minutes = max(0, math.floor(level))
        days = (period.ends_on - period.starts_on).days + 1
        return {"downtime": str(min(minutes, days * 480)), "maintenance": str(series.maintenance)}
    if kind == "count":
        return {"value": str(math.floor(level + 0.5))}
    places = Decimal(1).scaleb(-series.places)
    return {"value": str(Decimal(str(level)).quantize(places, ROUND_HALF_UP))}


def _level(series: Series, moment: Moment) -> float:
    month = f"{moment.period.month:%Y-%m}"
    since = [change for begin, change in sorted(series.since.items()) if begin <= month]
    level = series.base + series.season.get(moment.period.month.month, 0.0) + (since[-1] if since else 0.0)
    level += series.shift.get(moment.age, 0.0)
    level += sum(series.on.get(key, 0.0) for key in moment.keys if isinstance(key, str))
    return level + (series.corrected.get(moment.age, 0.0) if moment.revision == 2 else 0.0)


def _volume(series: Series, moment: Moment) -> float:
    factor = series.volume_season.get(moment.period.month.month, 1.0)
    if not series.steady:
        days = (moment.period.ends_on - moment.period.starts_on).days + 1
        working = sum((moment.period.starts_on + timedelta(days=n)).weekday() < 5 for n in range(days))
        factor *= working / 21
    return series.volume * factor


def _first(told: Any, moment: Moment) -> Row | None:
    """What the story says of a period: by its first day, else by its month, else by its age."""
    return next((dict(told[key]) for key in moment.keys if key in told), None)


class Noise:
    """Numbers that look random and are the same on every machine, from the names of what they belong to."""

    def __init__(self, *names: str) -> None:
        self.seed = "|".join(names)

    def uniform(self, about: str) -> float:
        """At least 0, below 1."""
        digest = hashlib.sha256(f"{self.seed}|{about}".encode()).digest()
        return int.from_bytes(digest[:6]) / (1 << 48)

    def bell(self, about: str) -> float:
        """Between -1 and 1, mostly near 0: the mean of three."""
        return sum(self.uniform(f"{about}{n}") for n in range(3)) / 1.5 - 1


def _add_months(month: date, count: int) -> date:
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
