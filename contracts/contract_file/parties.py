"""The `contract` section of a contract file: parties, term, calendar, charges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from contracts.calendar import WorkingCalendar
from contracts.contract_file.base_part import NOT_EMPTY, Each, Part, one_or_many
from contracts.contract_file.scalars import (
    Amount,
    Code,
    Currency,
    Day,
    HolidayName,
    Hours,
    Month,
    Name,
    Timezone,
    Title,
    format_decimal,
    text,
    whole,
)

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class VendorPart(Part):
    """The other party."""

    code: Code = Field(description="Short code of the vendor, unique in the organisation")
    name: Name = Field(description="Name of the vendor")


class CalendarPart(Part):
    """Working days and hours."""

    holidays: one_or_many(HolidayName, tuple[Each[Day], ...]) = Field(  # type: ignore[valid-type]
        default=(), description="Country or country-subdivision such as GB-ENG, or a list of days; none if absent"
    )
    weekdays: tuple[Each[Weekday], ...] = Field(
        default=WORKING_WEEK,
        description="Working days of a week; Monday to Friday if absent",
        json_schema_extra=NOT_EMPTY | {"uniqueItems": True},
    )
    hours: Hours | None = Field(default=None, description="Working hours, HH:MM-HH:MM")

    def full(self) -> dict[str, Any]:
        """All keys: holidays (name or list of ISO dates), weekdays, hours (null: none stated)."""
        named = isinstance(self.holidays, str)
        holidays = self.holidays if named else [day.isoformat() for day in self.holidays]
        return {"holidays": holidays, "weekdays": list(self.weekdays), "hours": self.hours}

    def working(self) -> WorkingCalendar:
        """The calendar to count with."""
        return WorkingCalendar.of(self.full())


class ChargesPart(Part):
    """What is paid for the service, month by month."""

    monthly: Amount | None = Field(default=None, description="The same amount each month")
    months: dict[Month, Each[Amount]] | None = Field(
        default=None, description="Amounts by month (YYYY-MM); a month that is not listed has none"
    )

    def of(self, month: date) -> Decimal:
        """The charges of the month that contains a day, in units of the contract's currency."""
        if self.monthly is not None:
            return self.monthly
        return (self.months or {}).get(f"{month:%Y-%m}", Decimal(0))

    def full(self) -> dict[str, Any]:
        """Both keys; the one that is not used is null."""
        months = (
            None if self.months is None else {month: format_decimal(amount) for month, amount in self.months.items()}
        )
        return {"monthly": None if self.monthly is None else format_decimal(self.monthly), "months": months}


class ContractPart(Part):
    """The contract itself."""

    reference: text(60) = Field(description="Reference, unique in the organisation")  # type: ignore[valid-type]
    title: Title = Field(description="What the contract is about")
    vendor: VendorPart
    starts_on: Day = Field(description="First day")
    ends_on: Day = Field(description="Last day, inclusive")
    currency: Currency = Field(description="Currency of all amounts, ISO 4217")
    timezone: Timezone = Field(description="Time zone of periods, deadlines and minutes, such as Europe/London")
    calendar: CalendarPart = Field(default_factory=CalendarPart)
    report_due: whole(1, 250) = Field(  # type: ignore[valid-type]
        default=10, description="Figures are due by the end of this working day after the period"
    )
    charges: ChargesPart = Field(default_factory=ChargesPart)
