"""The month as a whole for its page: what is counted, the figures by contract with who is in charge, and the days on which they are due."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from contracts.models import Owner
from contracts.rules import Duty
from dashboards.actions import REMINDS
from dashboards.querysets import cockpit as find
from lib.month_grid import MonthGrid, month_grid
from lib.status_styles import StatusStyle

# By urgency.
STATES = {
    "late": StatusStyle("late", "late", "Late"),
    "due": StatusStyle("info", "pending", "Due"),
    "returned": StatusStyle("risk", "risk", "Returned"),
    "waiting": StatusStyle("info", "info", "Waiting for your decision"),
    "disputed": StatusStyle("info", "info", "Disputed"),
    "relief": StatusStyle("info", "info", "Relief asked for"),
    "not_due": StatusStyle("none", "pending", "Not due"),
    "accepted": StatusStyle("met", "met", "Accepted"),
    "no_volume": StatusStyle("none", "volume", "No volume"),
    "judged": StatusStyle("met", "met", "Judged"),
    "published": StatusStyle("lock", "lock", "Published"),
}
ACTS = {"vendor": "Vendor acts", "client": "You act", "nobody": "Nobody"}
MISSING = ("late", "due", "returned", "not_due")  # states in which a due day is still ahead, or was missed
DUE_DAYS = 8  # listed below the calendar; the calendar has all


@dataclass(frozen=True)
class Chosen:
    """Which figures of the month: of one state, of one side's, due on one day; empty: all."""

    state: str = ""
    acts: str = ""
    due: date | None = None

    @property
    def kept(self) -> dict[str, str]:
        """As parameters of an address."""
        given = {"state": self.state, "acts": self.acts, "due": f"{self.due}" if self.due else ""}
        return {name: value for name, value in given.items() if value}

    @property
    def asked(self) -> dict[str, Any]:
        """As the statement takes it."""
        return {"state": self.state, "acts": self.acts, "due": self.due}

    def count(self, counted: Sequence[find.Count], acts: str = "") -> int:
        """How many figures that is; with `acts` only those of that side."""
        return sum(
            one.number
            for one in counted
            if self.state in ("", one.state)
            and self.acts in ("", one.acts)
            and self.due in (None, one.due_on)
            and acts in ("", one.acts)
        )

    @property
    def heading(self) -> str:
        what = STATES[self.state].word if self.state else ACTS[self.acts] if self.acts else ""
        return what or ("Due that day" if self.due else "All figures")


@dataclass(frozen=True)
class Line:
    """A row of the file: a figure, and who is in charge of what comes next."""

    figure: find.Figure
    who: str

    @property
    def state(self) -> str:
        return STATES[self.figure.state].word

    @property
    def acts(self) -> str:
        return {"vendor": "Vendor", "client": "Client"}.get(self.figure.acts, "")


def tally(counted: Sequence[find.Count], kept: Mapping[str, str], chosen: Chosen) -> list[dict[str, Any]]:
    """A row for each state that there is, and one for all; each number with the address of its figures."""
    rows = []
    for name in [*STATES, ""]:
        of_state = [one for one in counted if name in ("", one.state)]
        if not of_state:
            continue
        cells = []
        for who in [*ACTS, ""]:
            cell = Chosen(name, who)
            url = f"?{urlencode({**kept, **cell.kept})}"
            cells.append({"count": cell.count(of_state), "url": url, "on": cell == chosen})
        since = min((one.since for one in of_state if one.since), default=None)
        rows.append({"name": name, "style": STATES.get(name), "cells": cells, "since": since if name else None})
    return rows


@dataclass(frozen=True)
class DueDays:
    """The months in which figures are due, and the days on which some are missing, the nearest to act on first."""

    months: list[MonthGrid]
    listed: list[dict[str, Any]]


def due_days(counted: Sequence[find.Count], kept: Mapping[str, str], chosen: Chosen, today: date) -> DueDays:
    by_day: defaultdict[date, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in counted:
        by_day[one.due_on][one.state if one.state in MISSING else "there"] += one.number
    grids = {first: month_grid(first, today) for first in sorted({day.replace(day=1) for day in by_day})}
    listed = []
    for day in sorted(by_day):
        states = by_day[day]
        words = [f"{states[name]} {STATES[name].word.lower()}" for name in MISSING if states[name]]
        url = f"?{urlencode({**kept, **Chosen(due=day).kept})}#figures"
        there = f"all {states['there']} there"
        grids[day.replace(day=1)].days[day].put(", ".join(words) or there, url, bool(states["late"]))
        if words:
            look = "late" if states["late"] else "pending"
            listed.append({"day": day, "words": ", ".join(words), "url": url, "look": look, "on": day == chosen.due})
    return DueDays(list(grids.values()), listed[:DUE_DAYS])


def in_charge(contracts: Collection[int], now: datetime) -> dict[tuple[int, str], str]:
    """Names by contract and duty; a deputy takes the place of whoever is away. One statement."""
    names = {}
    for one in Owner.objects.in_force(now).filter(contract__in=contracts).order_by("is_deputy"):
        names[one.contract_id, str(one.duty)] = f"{one.name}, deputy" if one.is_deputy else one.name
    return names


def who_acts(figure: find.Figure, names: Mapping[tuple[int, str], str]) -> str:
    """Who is in charge of what comes next; where nobody is, the vendor itself."""
    duty = {"vendor": Duty.VENDOR_CONTACT, "client": Duty.ACCOUNT_MANAGER}.get(figure.acts)
    otherwise = figure.vendor if figure.acts == "vendor" else ""
    return names.get((figure.contract_id, str(duty)), otherwise) if duty else ""


def lines(found: Sequence[find.Figure], now: datetime) -> list[Line]:
    """The same figures for a file."""
    names = in_charge({one.contract_id for one in found}, now)
    return [Line(one, who_acts(one, names)) for one in found]


def groups(found: Sequence[find.Figure], month: date, now: datetime) -> list[dict[str, Any]]:
    """The page's figures by contract, with who is in charge on both sides and when they were reminded. Two statements."""
    contracts = {one.contract_id for one in found}
    if not contracts:
        return []
    names = in_charge(contracts, now)
    reminded: dict[int, dict[str, Any]] = {}
    for event in find.reminders(contracts, month):
        pk = int(event.path.split("/")[1])
        by, _, what = event.title.rpartition(REMINDS)
        reminded.setdefault(pk, {"at": event.created_at, "by": by, "told": event.told or "", "what": what})
    by_contract: dict[int, dict[str, Any]] = {}
    for one in found:
        group = by_contract.setdefault(
            one.contract_id,
            {"first": one, "rows": [], "reminded": reminded.get(one.contract_id), "waits": False, "missing": False},
        )
        group["rows"].append({"figure": one, "style": STATES[one.state], "who": who_acts(one, names)})
        group["waits"] |= one.acts == "vendor"
        group["missing"] |= one.state in MISSING
    return list(by_contract.values())
