"""The parts of an explanation that says why a result is so. Numbers are those that were stored; texts are for people."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from evaluation.rules import Outcome

POINTS = "Points"  # the last of an explanation's steps


@dataclass(frozen=True)
class ExplanationLine:
    """A step of the judgement: what it is called, and what came out, with the numbers in it."""

    label: str
    text: str


@dataclass(frozen=True)
class Report:
    """Who gave the figures and who accepted them, in the contract's time zone."""

    revision: int
    given: str
    accepted: str
    reason: str  # why the figures were corrected; empty for the first revision

    @property
    def label(self) -> str:
        return f"Figures, revision {self.revision}"


@dataclass(frozen=True)
class FigureRow:
    """What was reported for one part (site); `cells` are pairs of name and number as reported."""

    part: str
    cells: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]  # exclusions: maintenance, relief; the incident; the vendor's note


@dataclass(frozen=True)
class Formula:
    """The value with the numbers in it: what `written` comes to rounds to the stored value."""

    written: str
    value: Decimal
    shown: str

    def __str__(self) -> str:
        """ "95 ÷ 100 × 100 = 95%"; a number that is the value itself is written once."""
        return f"{self.written} = {self.shown}" if " " in self.written else self.shown


@dataclass(frozen=True)
class Version:
    """The version of the terms that was in force on the period's first day."""

    number: int
    dates: str
    bands: tuple["Band", ...]
    unit: str


@dataclass(frozen=True)
class Band:
    """One band; `words` say which values it takes."""

    name: str
    words: str
    outcome: str  # met, miss, default
    points: str
    score: str
    reached: bool


@dataclass(frozen=True)
class Product:
    """Points as a product. The factors multiply up to `points`."""

    factors: tuple[tuple[str, Decimal], ...]
    points: Decimal
    written: str


@dataclass(frozen=True)
class Counted:
    """A slot with points in the month."""

    code: str
    period: str
    starts_on: date
    points: Decimal
    counted: Decimal  # 0 where another slot of the same incident counts
    earning: Decimal  # 0 where the terms earn no credit yet
    share: Decimal
    shown: tuple[str, str, str]  # points, counted, share
    mine: bool
    instead: str  # what counts in its place; empty where it counts


@dataclass(frozen=True)
class Cap:
    """One cap: its limit, what was issued before in its span, and the room that was left."""

    name: str
    limit: Decimal
    used: Decimal
    room: Decimal
    shown: tuple[str, str, str]
    narrowest: bool


@dataclass(frozen=True)
class Money:
    """From the month's points to this slot's share of the credit. All amounts in the contract's currency."""

    points: Decimal
    earning: Decimal
    units: Decimal
    worth: Decimal
    bedding: Decimal
    before_caps: Decimal
    caps: tuple[Cap, ...]
    credit: Decimal
    capped_amount: Decimal
    share: Decimal
    counted: tuple[Counted, ...]
    lines: tuple[ExplanationLine, ...]


@dataclass(frozen=True)
class Former:
    """A judgement of the same slot that no longer holds."""

    number: int
    nth: str  # 1st, 2nd: "revision" is a word of figures
    outcome: str
    text: str
    replaced: str
    because: str
    cause_id: int | None  # the result of the earlier period that it followed from


@dataclass(frozen=True)
class Holding:
    """The judgement of the slot that holds now."""

    nth: str
    outcome: str
    judged: str


@dataclass(frozen=True)
class Explanation:
    """Why a result is so, from its stored rows alone."""

    result_id: int
    code: str
    name: str
    contract_id: int
    contract: str
    vendor: str
    month: str
    month_key: str
    period: str
    dates: str
    outcome: str
    verdict: str
    report: Report | None
    figures: tuple[FigureRow, ...]
    formula: Formula | None
    value: tuple[ExplanationLine, ...]
    terms: Version
    judgement: tuple[ExplanationLine, ...]
    points: Product | None
    money: Money | None
    without_money: str  # why there is no money to show
    rules: tuple[ExplanationLine, ...]
    revision: int
    judged: str
    earlier: tuple[Former, ...]
    holding: Holding
    former: Former | None  # this judgement itself, where it no longer holds

    @property
    def steps(self) -> tuple[ExplanationLine, ...]:
        """From the value to the points, in order."""
        points = self.points.written if self.points else "None: only met and default carry points"
        last = [] if self.outcome == Outcome.PENDING else [ExplanationLine(POINTS, f"{points}.")]
        return *self.value, *self.judgement, *last
