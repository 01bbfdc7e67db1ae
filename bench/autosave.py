"""One row of a month's sheet that is saved as it is typed, with what it and the month come to, beside a bare view that saves one row.

Both are asked for in turn, in one process and one session of the database, in a month of 60 figures with a year behind it. The aim is
5 times the bare view. Processor time is that of this process and of the database's session together; other work changes it less.
"""

import argparse
import os
import re
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from bench.clock import median, say, seconds, statements
from bench.impact import BANDS
from contracts import contract_file
from contracts.models import Contract
from evaluation.actions import judge_due
from lib.months import after
from measurements.actions import import_figures
from measurements.figures_file import FigureRow
from organisations.actions import add_member, create_user
from organisations.models import Organisation, User, Vendor
from organisations.rules import Role
from organisations.scope import open_scope
from scorecards.actions import build_due
from slas.actions import import_contract

SLUG, LEVELS, MONTHS, TIMES, WARM = "sheets", 60, 12, 40, 3
BARE = "a bare view that saves one row"


def main(options: argparse.Namespace) -> None:
    settings.ROOT_URLCONF = "bench.application"
    now = timezone.now()
    month = after(now.date().replace(day=1), -1)
    user, contract = _prepare(month, now)
    client = Client(SERVER_NAME="localhost", headers={"HX-Request": "true"})
    client.force_login(user)
    sheet = Sheet(client, contract, month)
    for number in range(WARM):  # the first in a session prepare their statements
        sheet.save(number)
        sheet.bare()
    with statements() as seen:
        sheet.save(WARM)
    taken: list[float] = []
    floor: list[float] = []
    processor = {"bare": 0.0, "save": 0.0}
    for number in range(TIMES):
        for name, act, into in (("bare", sheet.bare, floor), ("save", lambda n=number: sheet.save(n), taken)):
            before = _processor()
            into.append(seconds(act))
            processor[name] += _processor() - before
    print(f"autosave: a month of {LEVELS} figures, with {MONTHS} months behind it; medians of {TIMES} requests in turn")
    say(f"one autosave with preview: {len(seen)} statements", median(taken), median(floor), BARE)
    say("the same by processor time", processor["save"] / TIMES, processor["bare"] / TIMES, BARE)


class Sheet:
    """A month that somebody fills in: `save` types another figure over what was saved for a row before."""

    def __init__(self, client: Client, contract: Contract, month: date) -> None:
        self.client, self.base = client, f"/o/{SLUG}/contracts/{contract.pk}/figures/enter/"
        page = client.get(f"{self.base}?period={month:%Y-%m}").content.decode()
        self.seen = dict(re.findall(r'name="seen-([0-9]+-[0-9]+)" value="(\w+)"', page))
        self.keys = list(self.seen)

    def save(self, number: int) -> None:
        key = self.keys[number % len(self.keys)]
        figure = {f"{key}-0-numerator": str(900 + number % 90), f"{key}-0-denominator": "1000"}
        address = f"{self.base}{key.replace('-', '/')}/"
        answer = self.client.post(address, {f"seen-{key}": self.seen[key], **figure})
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}.")
        self.seen |= dict(re.findall(r'name="seen-([0-9]+-[0-9]+)" value="(\w+)"', answer.content.decode()))

    def bare(self) -> None:
        answer = self.client.post(f"/o/{SLUG}/bare/save/")
        if answer.status_code != 200:
            raise RuntimeError(f"The bare view answered {answer.status_code}.")


def _processor() -> float:
    """Seconds of the processor that this process and its session of the database have used; of a system without /proc this one's alone."""
    connection.ensure_connection()
    fields = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not fields.exists():
        return time.process_time()
    ticks = sum(map(int, fields.read_text().rpartition(")")[2].split()[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _prepare(month: date, now: datetime) -> tuple[User, Contract]:
    """A contract with a year of accepted and judged figures, whose last month is to be reported."""
    organisation = Organisation.objects.create(name=SLUG, slug=SLUG)
    user = create_user(email="vera@sheets.example", name="Vera", password=None)
    first = after(month, -MONTHS)
    with open_scope(organisation_id=organisation.pk):
        contract = import_contract(by=None, source=contract_file.write(_document(first, month)))
        add_member(by=None, user=user, role=Role.VENDOR_MANAGER, vendor=Vendor.objects.get())
        places = [(level, after(first, back)) for level in range(LEVELS) for back in range(MONTHS)]
        rows = [_row(place, level, of) for place, (level, of) in enumerate(places, start=2)]
        import_figures(by=None, contract=contract, rows=rows, accept=True, now=now)
        while judge_due(now=now):
            pass
        build_due(now=now)
        import_figures(by=None, contract=contract, rows=[_row(2 + n, n, month) for n in range(LEVELS)], now=now)
    with connections["owner"].cursor() as owner:
        owner.execute("ANALYZE")
    return user, contract


def _row(place: int, level: int, month: date) -> FigureRow:
    hits = Decimal(900 + (7 * level + month.month) % 95)
    return FigureRow(place, f"SL-{level}", month, numerator=hits, denominator=Decimal(1000))


def _document(first: date, month: date) -> dict[str, Any]:
    measure = {"kind": "ratio", "unit": "percent", "of": "Resolved in time", "among": "Resolved"}
    terms = [{"from": first.isoformat(), "better": "higher", "bands": BANDS}]
    return {
        "plumbline": "1",
        "contract": {
            "reference": "C-1",
            "title": "Service desk",
            "vendor": {"code": "V", "name": "Vendor"},
            "starts_on": first.isoformat(),
            "ends_on": after(month, 24).isoformat(),
            "currency": "GBP",
            "timezone": "Europe/London",
            "charges": {"monthly": "100000"},
        },
        "kras": [{"code": f"K-{number}", "name": f"Service {number}", "weight": "1"} for number in range(4)],
        "service_levels": [
            {
                "code": f"SL-{number}",
                "name": f"Incidents of priority {number} resolved in time",
                "kras": {f"K-{number % 4}": "1"},
                "every": "month",
                "measure": measure,
                "terms": terms,
            }
            for number in range(LEVELS)
        ],
        "credits": {
            "point": {"percent_of": "charges", "value": "0.5"},
            "caps": [{"percent_of": "charges", "value": "10", "over": "month"}],
        },
        "rules": [
            {"name": "Points", "over": "contract", "count": "points", "window": "3", "at_least": "20", "then": "notify"}
        ],
    }
