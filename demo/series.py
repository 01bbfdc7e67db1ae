"""The words in which the demo's stories are told: one series for each service level, one plot for each contract.

A story is told by *age*: the number of months between a month and the last finished month (age 0), so that the demo is
always up to date. What belongs to a date (a revised target, a storm) is told by month (``"2026-01"``) or by the first
day of a period (``"2026-01-12"``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Figures = Mapping[str, str]
"""Figures as text by column name: numerator, denominator, value, downtime, maintenance, relieved."""


@dataclass(frozen=True)
class Series:
    """How one service level's figures arise.

    ``base`` and ``spread`` are in the measure's own unit: percent, seconds, minutes of downtime, a count. ``volume`` is
    the denominator of a usual period (a month of 21 working days, unless ``steady``), ``places`` the decimals of a
    plain value.
    """

    base: float
    spread: float = 0.0
    volume: float = 0.0
    steady: bool = False
    places: int = 2
    maintenance: int = 0
    floor: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    """Share of the volume by site; where the measure has no volume, what is added to the base at that site."""
    season: Mapping[int, float] = field(default_factory=dict)
    """Added to the base, by month of the year."""
    volume_season: Mapping[int, float] = field(default_factory=dict)
    """Factor of the volume, by month of the year."""
    shift: Mapping[int, float] = field(default_factory=dict)
    """Added to the base, by age."""
    since: Mapping[str, float] = field(default_factory=dict)
    """Added to the base from this month on; the latest entry holds."""
    on: Mapping[str, float] = field(default_factory=dict)
    """Added to the base in this month or period."""
    fixed: Mapping[int | str, Figures] = field(default_factory=dict)
    """Figures as they were reported, by age, month or period, in place of those that would arise."""
    extra: Mapping[int | str, Figures] = field(default_factory=dict)
    """Columns added to the row (incident, note, relieved), by age, month or period; where there are parts, to each."""
    corrected: Mapping[int, float] = field(default_factory=dict)
    """Added to the base in the second revision of the figures of this age."""


@dataclass(frozen=True)
class Plot:
    """What becomes of one contract's monthly submissions. Everything not named here was submitted and accepted."""

    series: Mapping[str, Series]
    waiting: frozenset[int] = frozenset()
    """Ages whose figures are submitted and wait for the client's acceptance."""
    unfinished: frozenset[int] = frozenset()
    """Ages whose figures the vendor has begun to enter, but not submitted."""
    absent: frozenset[int] = frozenset()
    """Ages for which nothing was ever reported."""
    corrections: Mapping[int, str] = field(default_factory=dict)
    """Reason for a second revision, by age; it follows two months later, or as soon as there is time."""
    tardy: Mapping[int, int] = field(default_factory=dict)
    """Days after the due day on which figures came, by age; usually they come before it."""


def ramp(first: int, last: int, total: float) -> dict[int, float]:
    """An even slide from ``total / n`` at age ``first`` to ``total`` at age ``last`` (first ≥ last)."""
    steps = first - last + 1
    return {age: total * (first - age + 1) / steps for age in range(first, last - 1, -1)}


def hold(ages: Iterable[int], change: float) -> dict[int, float]:
    """The same change at each of these ages."""
    return dict.fromkeys(ages, change)
