"""What a figures file is read against: the service levels of a contract, their measures and periods.

Built from a contract file here; from stored contracts by whoever has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from contracts import calendar
from contracts.contract_file import ContractFile
from contracts.contract_file.levels import ServiceLevelPart


@dataclass(frozen=True, slots=True)
class ExpectedSlot:
    """One period of a service level. `minutes` are those that can be available, needed for availability alone;
    `calendar_starts_on` is the first day before the cut to the contract's term, if it differs."""

    starts_on: date
    ends_on: date
    minutes: int | None = None
    calendar_starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class ExpectedLevel:
    """One service level: code, cycle (month, quarter, year, week, custom), measure with all defaults filled in
    (`MeasurePart.full`), its periods by each first day by which they may be called, the day from which it has terms
    (None: from the first period on), and its last day (None: that of the contract)."""

    code: str
    every: str
    measure: Mapping[str, Any]
    slots: Mapping[date, ExpectedSlot]
    terms_from: date | None = None
    ends_on: date | None = None

    @classmethod
    def of(
        cls,
        code: str,
        every: str,
        measure: Mapping[str, Any],
        slots: Iterable[ExpectedSlot],
        terms_from: date | None = None,
        ends_on: date | None = None,
    ) -> ExpectedLevel:
        """A service level with its periods, in order. A cut first period answers to its calendar day as well."""
        slots = list(slots)
        named = {slot.calendar_starts_on: slot for slot in slots if slot.calendar_starts_on}
        return cls(code, every, measure, named | {slot.starts_on: slot for slot in slots}, terms_from, ends_on)


@dataclass(frozen=True, slots=True)
class Expectations:
    """A contract's term (both days inclusive) and its service levels by code.

    `granted`: the relief that was granted, by code, first day and part; None where nobody knows, as of a contract file.
    `may_grant`: whether whoever reports may also say what relief was granted: the client's side, and a history.
    """

    starts_on: date
    ends_on: date
    levels: Mapping[str, ExpectedLevel]
    granted: Mapping[tuple[str, date, str], Decimal] | None = None
    may_grant: bool = True


def expectations(file: ContractFile) -> Expectations:
    """What figures a contract file asks for."""
    contract = file.contract
    return Expectations(
        contract.starts_on,
        contract.ends_on,
        {level.code: _expected_level(file, level) for level in file.service_levels},
    )


def _expected_level(file: ContractFile, level: ServiceLevelPart) -> ExpectedLevel:
    measure = level.measure.full()
    slots = []
    for period in file.slices(level):
        counted = measure["kind"] == "availability"
        hours = file.in_force("calendar", period.ends_on).working if measure["hours"] == "calendar" else None
        minutes = calendar.minutes(period, file.contract.timezone, hours) if counted else None
        slots.append(ExpectedSlot(period.starts_on, period.ends_on, minutes, period.calendar_starts_on))
    return ExpectedLevel.of(level.code, level.every, measure, slots, level.terms[0].from_, level.ends_on)
