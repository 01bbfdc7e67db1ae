"""Vendors side by side: the same metric with its volumes, KRAs by month, and how scores are spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.querysets.compare import Compared
from dashboards.rules import FEW, likely_range
from lib.charts import Limit, Point, spark, steady
from lib.status_styles import marker_for, style_for
from lib.templatetags.numbers import number
from organisations.house import House

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Line:
    """A row of the comparison. Places are in percent of the common scale; `range` is empty where there are no cases."""

    row: Compared
    few: bool
    range: tuple[Decimal, Decimal] | None
    target: Decimal | None
    scale: dict[str, str]
    mark: str
    spark: dict[str, Any]

    @property
    def word(self) -> str:
        return style_for(self.row.outcome).word

    @property
    def said(self) -> str:
        """The drawing in words."""
        likely = f", likely between {number(self.range[0], 0)} and {number(self.range[1], 0)}" if self.range else ""
        target = "" if self.target is None else f", target {number(self.target)}"
        return f"{number(self.row.value, 1)}{likely}{target}"

    @property
    def chance(self) -> bool:
        """Whether a miss, or what was met, may be chance: the target lies in the likely range."""
        return self.range is not None and self.target is not None and self.range[0] <= self.target <= self.range[1]


def lines_of(rows: Sequence[Compared], least: int = 0) -> list[Line]:
    """The best first, by what is better of the metric; those without a value last. `least`: of so many cases at least."""
    kept = [row for row in rows if not least or (row.denominator or 0) >= least]
    ranges = {row.level_id: _range(row) for row in kept}
    low, high = scale_of(kept, ranges)
    down = bool(kept) and kept[0].better == "lower"
    ordered = sorted(kept, key=lambda row: (row.value is None, (row.value or 0) * (1 if down else -1), row.vendor))
    return [_line(row, ranges[row.level_id], low, high) for row in ordered]


def scale_of(rows: Sequence[Compared], ranges: dict[int, tuple[Decimal, Decimal] | None]) -> tuple[Decimal, Decimal]:
    """From the least to the most of values, ranges and targets; of percentages to 100."""
    every = [row.value for row in rows if row.value is not None]
    every += [edge for pair in ranges.values() if pair for edge in pair]
    every += [target for row in rows if (target := target_of(row)) is not None]
    if not every:
        return Decimal(0), HUNDRED
    low, high = min(every), max(every)
    if all(row.unit == "percent" for row in rows):
        low, high = (low // 10) * 10, HUNDRED
    return (low, high) if high > low else (low - 1, high + 1)


def target_of(row: Compared) -> Decimal | None:
    """Where the best band begins; None where that is a range or nothing."""
    best = row.bands[0] if row.bands else {}
    return None if best.get("at") is None else Decimal(best["at"])


def _range(row: Compared) -> tuple[Decimal, Decimal] | None:
    """Of shares of cases: where the rate lies that the vendor works at, in 19 of 20 months like this one."""
    if row.kind != "ratio" or row.unit != "percent" or row.numerator is None or not row.denominator:
        return None
    if not 0 <= row.numerator <= row.denominator:
        return None
    return likely_range(row.numerator, row.denominator)


def _line(row: Compared, likely: tuple[Decimal, Decimal] | None, low: Decimal, high: Decimal) -> Line:
    def place(value: Decimal) -> str:
        return f"{min(max((value - low) / (high - low) * 100, Decimal(0)), HUNDRED):.1f}%"

    target = target_of(row)
    scale = {"value": place(row.value)} if row.value is not None else {}
    if likely:
        scale |= {"from": place(likely[0]), "to": place(likely[1])}
    if target is not None:
        scale["target"] = place(target)
    points = [Point("", value) for value in row.history[:-1]]
    points.append(Point("", row.history[-1], mark=marker_for(row.outcome)))
    limits = [] if target is None else [Limit("target", steady(target, len(points)), "Target")]
    few = likely is not None and (row.denominator or 0) < FEW
    return Line(row, few, likely, target, scale, marker_for(row.outcome), spark(points, limits))


def finding(lines: Sequence[Line]) -> str:
    """What the comparison comes to, in one or two sentences: misses that are more than chance, and what rests on few cases."""
    missed = [line for line in lines if line.row.outcome == "default"]
    sure = [line for line in missed if line.range and not line.chance]
    unsure = [line for line in missed if line.chance]
    said = []
    if sure:
        said.append(f"{_names(sure)}: the miss is more than chance.")
    if unsure:
        said.append(f"{_names(unsure)}: the miss may be chance.")
    if not said:
        said.append("Nobody is in breach." if lines else "")
    return " ".join(said)


def _names(lines: Sequence[Line]) -> str:
    names = list(dict.fromkeys(line.row.vendor for line in lines))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


@dataclass(frozen=True)
class Share:
    """The contracts whose score lies in a band of the organisation."""

    css: str
    words: str
    contracts: list[tuple[int, str, Decimal]]  # id, name, score

    @property
    def count(self) -> int:
        return len(self.contracts)


def spread(scores: Sequence[tuple[int, str, Decimal]], house: House) -> list[Share]:
    """How the scores are spread over the bands, the best band first."""
    shares, above = [], None
    for band, (css, words) in zip(house.bands, house.legend, strict=True):
        begins = Decimal(band.begins) if band.begins is not None else None
        found = [one for one in scores if (begins is None or one[2] >= begins) and (above is None or one[2] < above)]
        shares.append(Share(css, words, sorted(found, key=lambda one: (-one[2], one[1]))))
        above = begins
    return shares


def middle(scores: Sequence[Decimal]) -> dict[str, Decimal]:
    """The least, the median and the most."""
    ordered = sorted(scores)
    if not ordered:
        return {}
    half = len(ordered) // 2
    median = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return {"least": ordered[0], "median": median, "most": ordered[-1]}
