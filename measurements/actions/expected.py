"""What figures a stored contract asks for, and which rows they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DateField, Func, Min

from contracts import calendar
from contracts.models import Contract, Period
from measurements.figures_file import Expectations, ExpectedLevel, ExpectedSlot
from measurements.models import GrantedRelief
from measurements.plausibility import Standing
from organisations.models import Membership
from slas.models import ServiceLevel


@dataclass(frozen=True)
class Slots:
    """The service levels of a contract by code, their periods by code and first day, and the days from which they have
    terms, by code."""

    levels: dict[str, ServiceLevel]
    periods: dict[tuple[str, date], Period]
    terms_from: dict[str, date]

    def ending_in(self, month: date) -> list[tuple[ServiceLevel, Period]]:
        """The slots whose period ends in the month, as far as there are terms for them, in order of service level and time."""
        wanted = [
            (self.levels[code], period)
            for (code, starts_on), period in self.periods.items()
            if period.month == month
            and starts_on >= self.terms_from.get(code, starts_on)
            and not self._ended(code, starts_on)
        ]
        return sorted(wanted, key=lambda slot: (slot[0].position, slot[1].starts_on))

    @property
    def periods_by_id(self) -> dict[int, Period]:
        return {period.pk: period for period in self.periods.values()}

    def of_levels(self, codes: Collection[str]) -> Slots:
        """Those of some service levels alone."""
        return Slots(
            {code: level for code, level in self.levels.items() if code in codes},
            {key: period for key, period in self.periods.items() if key[0] in codes},
            {code: day for code, day in self.terms_from.items() if code in codes},
        )

    def _ended(self, code: str, starts_on: date) -> bool:
        ends_on = self.levels[code].ends_on
        return ends_on is not None and ends_on < starts_on


def slots_of(contract: Contract) -> Slots:
    """Everything of a contract that can have a figure. Two statements."""
    begins = Func("terms__valid", function="lower", output_field=DateField())
    found = contract.service_levels.annotate(terms_from=Min(begins))
    levels: dict[str, ServiceLevel] = {level.code: level for level in found}
    terms_from = {level.code: level.terms_from for level in found if level.terms_from}
    return _slots(levels, contract.periods.order_by("starts_on"), terms_from)


def slots_among(standing: Iterable[Standing], periods: Iterable[Period]) -> Slots:
    """The same of service levels and of some periods, in order, that were read already."""
    found = list(standing)
    levels = {level.code: level for level, _ in found}
    return _slots(levels, periods, {level.code: min(one.valid.lower for one in versions) for level, versions in found})


def _slots(levels: dict[str, ServiceLevel], found: Iterable[Period], terms_from: dict[str, date]) -> Slots:
    by_cycle: dict[str, list[Period]] = defaultdict(list)
    for period in found:
        by_cycle[period.cycle].append(period)
    periods = {(code, period.starts_on): period for code, level in levels.items() for period in by_cycle[level.cycle]}
    return Slots(levels, periods, terms_from)


def stored_expectations(contract: Contract, by: Membership | None) -> Expectations:
    """What `figures_file.read` compares a file with, from what is stored. `by`: who reports; None: the system. Three statements."""
    return expectations_of(contract, slots_of(contract), by)


def expectations_of(contract: Contract, slots: Slots, by: Membership | None) -> Expectations:
    """The same, from slots that were read already. One statement."""
    asked: dict[str, list[ExpectedSlot]] = {code: [] for code in slots.levels}
    for (code, _), period in slots.periods.items():
        asked[code].append(_expected_slot(contract, slots.levels[code], period))
    levels = {
        code: ExpectedLevel.of(
            code, level.cycle.partition(":")[0], level.measure, asked[code], slots.terms_from.get(code), level.ends_on
        )
        for code, level in slots.levels.items()
    }
    granted = granted_relief(slots)
    may_grant = by is None or by.vendor_id is None
    return Expectations(contract.starts_on, contract.ends_on, levels, granted, may_grant)


def granted_relief(slots: Slots) -> dict[tuple[str, date, str], Decimal]:
    """The relief that was granted, by code, first day and part. One statement."""
    codes = {level.pk: code for code, level in slots.levels.items()}
    rows = GrantedRelief.objects.filter(service_level__in=codes)
    return {
        (codes[level_id], starts_on, part): relieved
        for level_id, starts_on, part, relieved in rows.values_list(
            "service_level_id", "period__starts_on", "part", "relieved"
        )
    }


def _expected_slot(contract: Contract, level: ServiceLevel, period: Period) -> ExpectedSlot:
    minutes = None
    if level.measure["kind"] == "availability":
        minutes = period.minutes_in(level.measure["hours"])
    return ExpectedSlot(period.starts_on, period.ends_on, minutes, _calendar_start(contract, period))


def _calendar_start(contract: Contract, period: Period) -> date | None:
    """The first day before the cut to the term, for a contract's first period; the others begin where the calendar says."""
    if period.starts_on != contract.starts_on or period.cycle.startswith("custom:"):
        return None
    return calendar.periods(period.cycle, period.starts_on, period.starts_on)[0].calendar_starts_on
