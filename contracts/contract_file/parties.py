"""The `contract` section of a contract file: parties, term, calendar, charges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from contracts.calendar import WorkingCalendar
from contracts.contract_file.base_part import NOT_EMPTY, AtMost, Each, Part, one_or_many
from contracts.contract_file.scalars import (
    Amount,
    Code,
    Currency,
    Day,
    HolidayName,
    Hours,
    Month,
    Name,
    Reference,
    Timezone,
    Title,
    format_decimal,
    whole,
)
from contracts.contract_file.versions import Dated, once_or_versions

MOST_HOLIDAYS, MOST_MONTHS = 2_000, 1_201  # a hundred years of them

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class VendorPart(Part):
    """The other party."""

    code: Code = Field(description="Short code of the vendor, unique in the organisation")
    name: Name = Field(description="Name of the vendor")


class CalendarPart(Part):
    """Working days and hours."""

    holidays: one_or_many(HolidayName, Annotated[tuple[Each[Day], ...], AtMost(MOST_HOLIDAYS)]) = Field(  # type: ignore[valid-type]
        default=(), description="Country or country-subdivision such as GB-ENG, or a list of days; none if absent"
    )
    weekdays: Annotated[tuple[Each[Weekday], ...], AtMost(7)] = Field(
        default=WORKING_WEEK,
        description="Working days of a week; Monday to Friday if absent",
        json_schema_extra=NOT_EMPTY | {"uniqueItems": True},
        examples=[["mon", "tue", "wed", "thu", "fri"]],
    )
    hours: Hours | None = Field(default=None, description="Working hours, HH:MM-HH:MM")

    def full(self) -> dict[str, Any]:
        """All keys: holidays (name or list of ISO dates), weekdays, hours (null: none stated)."""
        named = isinstance(self.holidays, str)
        holidays = self.holidays if named else [day.isoformat() for day in self.holidays]
        return {"holidays": holidays, "weekdays": list(self.weekdays), "hours": self.hours}

    @cached_property
    def working(self) -> WorkingCalendar:
        """The calendar to count with."""
        return WorkingCalendar.of(self.full())


class CalendarFrom(CalendarPart, Dated):
    """The calendar from a month on."""


class ChargesPart(Part):
    """What is paid for the service, month by month."""

    monthly: Amount | None = Field(default=None, description="The same amount each month")
    months: Annotated[dict[Month, Each[Amount]], AtMost(MOST_MONTHS)] | None = Field(
        default=None,
        description="Amounts by month (YYYY-MM); a month that is not listed has none",
        examples=[{"2024-04": "100000.00"}],
    )

    def of(self, month: date) -> Decimal:
        """The charges of the month that contains a day, in units of the contract's currency."""
        if self.monthly is not None:
            return self.monthly
        return (self.months or {}).get(f"{month:%Y-%m}", Decimal(0))

    def full(self) -> dict[str, Any]:
        """The key that is used; neither where there are no charges."""
        if self.monthly is not None:
            return {"monthly": format_decimal(self.monthly)}
        if self.months is None:
            return {}
        return {"months": {month: format_decimal(amount) for month, amount in self.months.items()}}


class ChargesFrom(ChargesPart, Dated):
    """The charges from a month on."""


WORKING_DAYS = whole(1, 250)


class ReportDueFrom(Dated):
    """The due day from a month on."""

    days: WORKING_DAYS = Field(  # type: ignore[valid-type]
        description="Figures are due by the end of this working day after the period"
    )


class ContractPart(Part):
    """The contract itself."""

    reference: Reference = Field(description="Reference, unique in the organisation")
    title: Title = Field(description="What the contract is about")
    vendor: VendorPart = Field(examples=[{"code": "CORVID", "name": "Corvid Systems Ltd"}])
    starts_on: Day = Field(description="First day")
    ends_on: Day = Field(description="Last day, inclusive")
    currency: Currency = Field(description="Currency of all amounts, ISO 4217")
    timezone: Timezone = Field(description="Time zone of periods, deadlines and minutes, such as Europe/London")
    calendar: once_or_versions(CalendarPart, CalendarFrom) = Field(  # type: ignore[valid-type]
        default_factory=CalendarPart, examples=[{"holidays": "GB-ENG"}]
    )
    report_due: once_or_versions(WORKING_DAYS, ReportDueFrom) = Field(  # type: ignore[valid-type]
        default=10, description="Figures are due by the end of this working day after the period"
    )
    charges: once_or_versions(ChargesPart, ChargesFrom) = Field(  # type: ignore[valid-type]
        default_factory=ChargesPart, examples=[{"monthly": "200000.00"}]
    )
    accept_after: WORKING_DAYS | None = Field(  # type: ignore[valid-type]
        default=None,
        description="Submitted figures are accepted by themselves after so many working days; never if absent",
    )
    submit_early: StrictBool = Field(default=False, description="Whether a running month may be submitted")
    dispute_within: WORKING_DAYS | None = Field(  # type: ignore[valid-type]
        default=None,
        description="Working days in which a month may be disputed, after it is published, or where it is not, judged; 10 if absent",
    )
    answer_within: WORKING_DAYS | None = Field(  # type: ignore[valid-type]
        default=None,
        description="Working days in which a dispute or a request for relief is answered before it is escalated; 10 if absent",
    )
    verify_after: whole(1, 120) | None = Field(  # type: ignore[valid-type]
        default=None, description="Periods met after which a corrective plan is verified"
    )
    claim_within: whole(1, 3650) | None = Field(  # type: ignore[valid-type]
        default=None, description="Days after a month's end in which its credit must be claimed"
    )
