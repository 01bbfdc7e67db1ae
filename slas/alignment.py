"""Which KRAs the service levels of a contract serve on a day, with what weight, and where that leaves gaps. Pure: rows in, a table out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

ZERO = Decimal(0)
HUNDRED = Decimal(100)


class Dated(Protocol):
    from_on: date
    weight: Decimal


class Aligned(Dated, Protocol):
    kra_id: int


D = TypeVar("D", bound=Dated)


def in_force(rows: Iterable[D], on: date) -> list[D]:
    """Those with the latest `from_on` that has begun; none where nothing has begun yet."""
    begun = [row for row in rows if row.from_on <= on]
    latest = max((row.from_on for row in begun), default=None)
    return [row for row in begun if row.from_on == latest]


def weight_on(rows: Iterable[Dated], on: date) -> Decimal:
    """A KRA's weight on a day; 0 before the first one."""
    return next((row.weight for row in in_force(rows, on)), ZERO)


def weights_in(rows: Iterable[Aligned], on: date) -> dict[int, Decimal]:
    """A service level's weight in each KRA (by its id) on a day."""
    return {row.kra_id: row.weight for row in in_force(rows, on)}


@dataclass(frozen=True)
class Column:
    """One KRA: its weight in the contract's total, and the sum of the weights of the service levels that serve it."""

    kra: Any
    weight: Decimal
    total: Decimal

    @property
    def unserved(self) -> bool:
        return not self.total

    @property
    def uneven(self) -> bool:
        """Whether it is served, but the weights do not add up to 100."""
        return bool(self.total) and self.total != HUNDRED


@dataclass(frozen=True)
class AlignmentRow:
    """One service level: its weight in each KRA, in the KRAs' order, None where it does not serve it."""

    level: Any
    cells: tuple[Decimal | None, ...]

    @property
    def serves_none(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True)
class Alignment:
    """KRAs against service levels on a day."""

    columns: list[Column]
    lines: list[AlignmentRow]

    @property
    def unserved(self) -> list[Column]:
        """KRAs that no service level serves."""
        return [column for column in self.columns if column.unserved]

    @property
    def idle(self) -> list[AlignmentRow]:
        """Service levels that serve no KRA and so count in no score."""
        return [line for line in self.lines if line.serves_none]

    @property
    def uncovered(self) -> Decimal:
        """The share of the KRAs' weight that no service level covers, in percent; 0 where nothing has a weight."""
        whole = sum((column.weight for column in self.columns), ZERO)
        bare = sum((column.weight for column in self.unserved), ZERO)
        return bare * HUNDRED / whole if whole else ZERO

    @property
    def gaps(self) -> int:
        return len(self.unserved) + len(self.idle)


def align(
    kras: Sequence[Any],
    levels: Sequence[Any],
    on: date,
    weights: Mapping[int, Iterable[Dated]],
    alignments: Mapping[int, Iterable[Aligned]],
) -> Alignment:
    """The table of a contract, without what has ended by the day.

    `weights` are those of each KRA by its id, `alignments` those of each service level by its id.
    """
    kras = [kra for kra in kras if kra.ends_on is None or kra.ends_on >= on]
    levels = [level for level in levels if level.ends_on is None or level.ends_on >= on]
    served = [(level, weights_in(alignments.get(level.pk, ()), on)) for level in levels]
    columns = [
        Column(
            kra, weight_on(weights.get(kra.pk, ()), on), sum((within.get(kra.pk, ZERO) for _, within in served), ZERO)
        )
        for kra in kras
    ]
    lines = [AlignmentRow(level, tuple(within.get(kra.pk) for kra in kras)) for level, within in served]
    return Alignment(columns, lines)


def day_to_look_at(starts_on: date, ends_on: date, today: date) -> date:
    """Today, or the contract's first or last day where it has not begun or is over."""
    return min(max(starts_on, today), ends_on)
