"""What follows from results: credits, rules and the scorecard of a contract file."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from contracts.contract_file.base_part import NOT_EMPTY, AtMost, Each, Part
from contracts.contract_file.levels import MOST_BANDS, digits
from contracts.contract_file.scalars import Amount, Day, Name, NotNegative, Number, Percent, format_decimal, whole
from contracts.contract_file.versions import Dated

# What a contract has at most of each.
MOST_RULES, MOST_CAPS, MOST_STEPS, MOST_GRADES, MOST_MONTHS = 100, 12, 100, 50, 120

Base = Literal["charges", "at_risk"]


class PointPart(Part):
    """What one point is worth."""

    percent_of: Base | None = Field(default=None, description="A percentage of the month's charges or at-risk amount")
    value: NotNegative | None = Field(default=None, description="Percent of percent_of")
    amount: Amount | None = Field(default=None, description="Or a fixed amount")

    def full(self) -> dict[str, Any]:
        """percent_of and value, or amount; the others null."""
        return {"percent_of": self.percent_of, "value": digits(self.value), "amount": digits(self.amount)}


class StepPart(Part):
    """From so many points on, so many units."""

    at: NotNegative
    value: NotNegative


class SlicePart(Part):
    """Points up to a limit, each worth `factor` units."""

    upto: NotNegative | None = Field(default=None, description="Upper end of the slice; absent in the last one")
    factor: NotNegative


class TariffPart(Part):
    """From a month's points to units of money."""

    kind: Literal["linear", "step", "marginal"] = "linear"
    steps: Annotated[tuple[Each[StepPart], ...], AtMost(MOST_STEPS)] | None = Field(
        default=None, description="step: the highest one reached counts", examples=[[{"at": "25", "value": "8"}]]
    )
    slices: Annotated[tuple[Each[SlicePart], ...], AtMost(MOST_STEPS)] | None = Field(
        default=None, description="marginal: lowest first", examples=[[{"upto": "20", "factor": "0"}, {"factor": "1"}]]
    )

    def full(self) -> dict[str, Any]:
        """kind, steps and slices; empty lists where the kind has none."""
        return {
            "kind": self.kind,
            "steps": [
                {"at": format_decimal(step.at), "value": format_decimal(step.value)} for step in self.steps or ()
            ],
            "slices": [
                {"upto": digits(part.upto), "factor": format_decimal(part.factor)} for part in self.slices or ()
            ],
        }


class CapPart(PointPart):
    """A limit of the credits."""

    over: Literal["month", "rolling_12", "contract_year"]

    def full(self) -> dict[str, Any]:
        """percent_of and value, or amount; over."""
        return super().full() | {"over": self.over}


class EarnBackPart(Part):
    """How a credit returns to the vendor."""

    after: whole(1, 120) | None = Field(  # type: ignore[valid-type]
        default=None, description="Met in each of the service level's next so many periods"
    )
    yearly_average: StrictBool | None = Field(
        default=None, description="The mean of the contract year's values reaches the first band"
    )


class CreditsPart(Part):
    """From points to money."""

    point: PointPart = Field(examples=[{"percent_of": "charges", "value": "0.5"}])
    at_risk_percent: Percent | None = Field(
        default=None, description="The at-risk amount: percent of a month's charges"
    )
    tariff: TariffPart = Field(default_factory=TariffPart, examples=[{"kind": "linear"}])
    one_per_incident: StrictBool = False
    bedding_in: Annotated[tuple[Each[NotNegative], ...], AtMost(MOST_MONTHS)] = Field(
        default=(), description="Factor of the contract's first months, in order; 1 after them", examples=[["0", "0.5"]]
    )
    caps: Annotated[tuple[Each[CapPart], ...], AtMost(MOST_CAPS)] = Field(
        default=(), examples=[[{"percent_of": "charges", "value": "10", "over": "month"}]]
    )
    minimum: Amount | None = Field(default=None, description="A month's credit of this or less is not issued")
    earn_back: EarnBackPart | None = Field(default=None, examples=[{"after": "3"}])

    def full(self) -> dict[str, Any]:
        """All keys, defaults filled in, numbers as strings; minimum and earn_back are null where there is none."""
        earn_back = self.earn_back
        return {
            "point": self.point.full(),
            "at_risk_percent": digits(self.at_risk_percent),
            "tariff": self.tariff.full(),
            "one_per_incident": self.one_per_incident,
            "bedding_in": [format_decimal(factor) for factor in self.bedding_in],
            "caps": [cap.full() for cap in self.caps],
            "minimum": digits(self.minimum),
            "earn_back": earn_back
            and {
                "after": None if earn_back.after is None else str(earn_back.after),
                "yearly_average": bool(earn_back.yearly_average),
            },
        }


class CreditsFrom(CreditsPart, Dated):
    """The credits from a month on."""


class RulePart(Part):
    """Something counted over a window reaches a threshold, and something follows."""

    name: Name
    over: Literal["contract", "service_level"]
    count: Literal["points", "defaults", "consecutive_defaults", "credit", "capped_months", "default_share"]
    window: whole(1, 1000) = 1  # type: ignore[valid-type]
    at_least: Number | None = None
    more_than: Number | None = None
    then: Literal["termination_right", "rectification_plan", "escalate", "notify"]
    bands: Annotated[tuple[Each[Name], ...], AtMost(MOST_BANDS)] | None = Field(
        default=None,
        description="Only results in these bands are counted",
        json_schema_extra=NOT_EMPTY,
        examples=[["Serious", "Severe"]],
    )
    from_: Day | None = Field(
        default=None, alias="from", description="The rule sees nothing that ended before this day"
    )
    until: Day | None = Field(default=None, description="The rule holds in no month that ends after this day")
    expires_after: whole(1, 3650) | None = Field(  # type: ignore[valid-type]
        default=None, description="Days in which what follows may be used"
    )

    def full(self) -> dict[str, Any]:
        """All keys, numbers as strings, days as YYYY-MM-DD; one of at_least and more_than is null, bands is null where all count."""
        return {
            "name": self.name,
            "over": self.over,
            "count": self.count,
            "window": str(self.window),
            "at_least": digits(self.at_least),
            "more_than": digits(self.more_than),
            "then": self.then,
            "bands": None if self.bands is None else list(self.bands),
            "from": self.from_ and self.from_.isoformat(),
            "until": self.until and self.until.isoformat(),
            "expires_after": None if self.expires_after is None else str(self.expires_after),
        }


class GradePart(Part):
    """A name for a range of total scores."""

    name: Name
    at: Number | None = Field(default=None, description="Lowest score of the grade; absent in the last one")


class ScorecardPart(Part):
    """How a month's total score comes about."""

    missing: Literal["exclude", "zero", "full"] = "exclude"
    minimum_coverage: Percent = Field(default=Decimal(0), description="Percent of weight; below it there is no total")
    grades: Annotated[tuple[Each[GradePart], ...], AtMost(MOST_GRADES)] = Field(
        default=(), description="Best first", examples=[[{"name": "Good", "at": "95"}, {"name": "Inadequate"}]]
    )

    def full(self) -> dict[str, Any]:
        """All keys, defaults filled in, numbers as strings."""
        return {
            "missing": self.missing,
            "minimum_coverage": format_decimal(self.minimum_coverage),
            "grades": [{"name": grade.name, "at": digits(grade.at)} for grade in self.grades],
        }


class ScorecardFrom(ScorecardPart, Dated):
    """The scorecard from a month on."""
