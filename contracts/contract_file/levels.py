"""KRAs and service levels of a contract file: measures, effective-dated terms, bands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from contracts import calendar
from contracts.contract_file.base_part import NOT_EMPTY, AtMost, Each, Part, one_or_many
from contracts.contract_file.scalars import (
    Code,
    Day,
    Name,
    NotNegative,
    Number,
    Pair,
    Positive,
    Prose,
    Title,
    format_decimal,
    text,
    whole,
)
from contracts.contract_file.versions import MOST_VERSIONS

# What a contract has at most of each. Whatever is looked at or judged takes time with their number.
MOST_KRAS, MOST_LEVELS, MOST_BANDS, MOST_PERIODS, MOST_FACTORS = 100, 500, 50, 1_000, 120

WEIGHTS_EXAMPLE: Any = {"REL": "100"}
Weights = Annotated[dict[Code, Each[Positive]], AtMost(MOST_KRAS)]


def digits(number: Decimal | None) -> str | None:
    """A number as its digits; None stays None."""
    return None if number is None else format_decimal(number)


class WeightFrom(Part):
    """A KRA's weight from a day on."""

    from_: Day = Field(alias="from", description="First day of this weight")
    weight: NotNegative


DatedWeights = Annotated[tuple[Each[WeightFrom], ...], AtMost(MOST_VERSIONS), Field(json_schema_extra=NOT_EMPTY)]


class KraPart(Part):
    """A key result area."""

    code: Code = Field(description="Code, unique in the contract")
    name: Name
    objective: Prose = Field(default="", description="What must be achieved")
    weight: one_or_many(Positive, DatedWeights) = Field(  # type: ignore[valid-type]
        description="Weight in the contract's total, or a list of weights with the day from which each holds"
    )
    ends_on: Day | None = Field(default=None, description="Last day on which it is scored; the contract's if absent")

    def weights(self, starts_on: date) -> list[tuple[date, Decimal]]:
        """The weights and the days from which they hold; a plain weight holds from the contract's first day."""
        if isinstance(self.weight, tuple):
            return [(part.from_, part.weight) for part in self.weight]
        return [(starts_on, self.weight)]


class PeriodPart(Part):
    """One period of a service level with a cycle of its own."""

    starts_on: Day
    ends_on: Day = Field(description="Last day, inclusive")


class MeasurePart(Part):
    """What is measured and how figures become one value."""

    kind: Literal["ratio", "availability", "value", "count"]
    of: Title | None = Field(default=None, description="ratio: what the numerator counts")
    among: Title | None = Field(default=None, description="ratio: what the denominator counts")
    unit: text(40, empty=True) | None = Field(  # type: ignore[valid-type]
        default=None, description="Unit of the value; a ratio in percent cannot exceed its denominator"
    )
    scale: Positive | None = Field(default=None, description="ratio: numerator ÷ denominator × scale; 100 if absent")
    hours: Literal["always", "calendar"] | None = Field(
        default=None, description="availability: minutes around the clock, or those of the contract's calendar"
    )
    maintenance: Literal["excluded", "uptime", "downtime"] | None = Field(
        default=None, description="availability: how maintenance counts; excluded if absent"
    )
    maintenance_allowance: NotNegative | None = Field(
        default=None, description="availability: minutes of maintenance above this are downtime"
    )
    roll_up: Literal["sum", "mean"] | None = Field(
        default=None, description="How several parts become one value; sum if absent, for a value mean"
    )

    def full(self) -> dict[str, Any]:
        """All keys with defaults filled in; keys of other kinds are null. Numbers as strings."""
        ratio, availability = self.kind == "ratio", self.kind == "availability"
        scale = (self.scale or Decimal(100)) if ratio else None
        unit = self.unit
        if unit is None:
            unit = "percent" if availability or scale == 100 else ""
        return {
            "kind": self.kind,
            "of": self.of,
            "among": self.among,
            "unit": unit,
            "scale": digits(scale),
            "hours": (self.hours or "always") if availability else None,
            "maintenance": (self.maintenance or "excluded") if availability else None,
            "maintenance_allowance": digits(self.maintenance_allowance),
            "roll_up": self.roll_up or ("mean" if self.kind == "value" else "sum"),
        }


class PerStep(Part):
    """Points that grow with the distance from a number."""

    from_: Number = Field(alias="from", description="Where counting begins")
    step: Positive = Field(description="Size of one step")
    round: Literal["down", "up", "none"] = Field(default="none", description="Whole steps only, or parts of them too")

    def full(self) -> dict[str, Any]:
        """All keys, numbers as strings."""
        return {"from": format_decimal(self.from_), "step": format_decimal(self.step), "round": self.round}


class BandPart(Part):
    """One band of values and what follows from it."""

    name: Name
    at: one_or_many(Number, Pair) | None = Field(  # type: ignore[valid-type]
        default=None, description="The worst value that is still in this band, or [low, high]; absent in the last band"
    )
    outcome: Literal["met", "miss", "default"]
    points: NotNegative = Field(default=Decimal(0))
    score: Number
    per_step: PerStep | None = Field(default=None, examples=[{"step": "0.1", "from": "99"}])

    def full(self) -> dict[str, Any]:
        """name, at (null for a pair and in the last band), low, high (null but for a pair), outcome, points, score,
        per_step. Numbers as strings."""
        pair = self.at if isinstance(self.at, tuple) else (None, None)
        return {
            "name": self.name,
            "at": None if isinstance(self.at, tuple) else digits(self.at),
            "low": digits(pair[0]),
            "high": digits(pair[1]),
            "outcome": self.outcome,
            "points": format_decimal(self.points),
            "score": format_decimal(self.score),
            "per_step": self.per_step and self.per_step.full(),
        }


class RoundingPart(Part):
    """The value is rounded before it is compared."""

    places: whole(0, 6)  # type: ignore[valid-type]
    mode: Literal["half_up", "truncate"] = "half_up"


class ToleratedPart(Part):
    """A miss is tolerated until there are too many of them."""

    count: whole(1, 1000) = Field(description="The miss that is a default: the 4th, say")  # type: ignore[valid-type]
    window: whole(1, 1000) = Field(description="Within so many periods, this one included")  # type: ignore[valid-type]
    counting_defaults: StrictBool = Field(default=False, description="Whether defaults are counted as well")


class TermsPart(Part):
    """One effective-dated version of a service level's terms."""

    from_: Day = Field(alias="from", description="First day of the first period judged by this version")
    better: Literal["higher", "lower", "inside"]
    bands: Annotated[tuple[Each[BandPart], ...], AtMost(MOST_BANDS)] = Field(
        description="Best first; the last one takes everything that is left",
        json_schema_extra=NOT_EMPTY,
        examples=[
            [
                {"name": "Target", "at": "99", "outcome": "met", "score": "100"},
                {"name": "Missed", "outcome": "default", "score": "0"},
            ]
        ],
    )
    scoring: Literal["step", "linear"] = "step"
    rounding: RoundingPart | None = Field(default=None, examples=[{"places": "1"}])
    missing: Literal["default", "exclude"] = "exclude"
    no_volume: Literal["exclude", "met"] = "exclude"
    minimum_volume: NotNegative | None = None
    allowance: StrictBool = False
    exempt_streak: Literal["neutral", "reset"] = "neutral"
    tolerated: ToleratedPart | None = Field(default=None, examples=[{"count": "4", "window": "12"}])
    relief: Literal["exclude", "deem_met"] = "exclude"
    rolling: whole(1, 120) = 1  # type: ignore[valid-type]
    weight: NotNegative = Decimal(1)
    credits_from: Day | None = None
    repeat: Annotated[tuple[Each[NotNegative], ...], AtMost(MOST_FACTORS)] = Field(
        default=(Decimal(1),), json_schema_extra=NOT_EMPTY, examples=[["1", "2"]]
    )
    kras: Weights | None = Field(
        default=None,
        description="Weights in KRAs from this version on",
        json_schema_extra={"minProperties": 1},
        examples=[WEIGHTS_EXAMPLE],
    )

    def full(self) -> dict[str, Any]:
        """Everything the judgement reads, defaults filled in: numbers as strings, days as YYYY-MM-DD, null for none."""
        rounding, tolerated = self.rounding, self.tolerated
        return {
            "from": self.from_.isoformat(),
            "better": self.better,
            "bands": [band.full() for band in self.bands],
            "scoring": self.scoring,
            "rounding": rounding and {"places": str(rounding.places), "mode": rounding.mode},
            "missing": self.missing,
            "no_volume": self.no_volume,
            "minimum_volume": digits(self.minimum_volume),
            "allowance": self.allowance,
            "exempt_streak": self.exempt_streak,
            "tolerated": tolerated
            and {
                "count": str(tolerated.count),
                "window": str(tolerated.window),
                "counting_defaults": tolerated.counting_defaults,
            },
            "relief": self.relief,
            "rolling": str(self.rolling),
            "weight": format_decimal(self.weight),
            "credits_from": (self.credits_from or self.from_).isoformat(),
            "repeat": [format_decimal(factor) for factor in self.repeat],
            "kras": None if self.kras is None else {code: format_decimal(weight) for code, weight in self.kras.items()},
        }


class ServiceLevelPart(Part):
    """One measure of the contract, judged once in each of its periods."""

    code: Code = Field(description="Code, unique in the contract")
    name: Title
    kras: Weights = Field(
        default_factory=dict, description="Its weight inside each KRA that it serves", examples=[WEIGHTS_EXAMPLE]
    )
    every: Literal["month", "quarter", "year", "week", "custom"]
    periods: Annotated[tuple[Each[PeriodPart], ...], AtMost(MOST_PERIODS)] = Field(
        default=(), description="custom: the periods", examples=[[{"starts_on": "2024-04-01", "ends_on": "2024-05-15"}]]
    )
    measure: MeasurePart = Field(examples=[{"kind": "ratio", "of": "Resolved on time", "among": "Incidents resolved"}])
    terms: Annotated[tuple[Each[TermsPart], ...], AtMost(MOST_VERSIONS)] = Field(
        description="Versions of the terms, earliest first", json_schema_extra=NOT_EMPTY
    )
    metric: Code | None = Field(default=None, description="Code of the catalogue's metric that it measures")
    ends_on: Day | None = Field(default=None, description="Last day of its last period; the contract's if absent")

    def slices(self, starts_on: date, ends_on: date) -> list[calendar.Slice]:
        """Its periods within a contract term, in order."""
        custom = [(period.starts_on, period.ends_on) for period in self.periods]
        return calendar.periods(self.every, starts_on, ends_on, custom)

    def weights(self, starts_on: date) -> list[tuple[date, dict[str, Decimal]]]:
        """Its weights in KRAs and the days from which they hold: from the contract's first day those of the level,
        then those of each version that states its own."""
        dated = [(starts_on, self.kras)]
        for terms in self.terms:
            if terms.kras is not None:
                dated = [entry for entry in dated if entry[0] != terms.from_] + [(terms.from_, terms.kras)]
        return dated
