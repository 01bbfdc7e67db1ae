"""The impact of a draft, as its panel asks for it after each change: the draft's text is read, the change worked out over 36 months, and
put as the page places it."""

import argparse
import copy
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connections

from agreements.impact import work_out
from agreements.pages.impact import impact_page
from agreements.proposals import Proposed, examine
from bench.clock import median, say, seconds, statements
from contracts import contract_file
from contracts.models import Contract
from evaluation.actions import judge_due
from lib.months import after
from measurements.actions import import_figures
from measurements.figures_file import FigureRow
from organisations.scope import open_scope
from scorecards.actions import build_due
from slas.actions import import_contract

MONTHS, TIMES, LEVELS = 36, 7, 200
FIRST, NOW = date(2024, 1, 1), datetime(2027, 1, 20, tzinfo=UTC)
FROM = date(2027, 2, 1)  # of the terms that are proposed
BANDS = [
    {"name": "Target", "at": "95", "outcome": "met", "score": "100"},
    {"name": "Minor", "at": "90", "outcome": "default", "points": "1", "score": "60"},
    {"name": "Severe", "outcome": "default", "points": "2", "score": "0"},
]


def main(options: argparse.Namespace) -> None:
    owner = connections["owner"].cursor()
    owner.execute(
        "INSERT INTO organisations_organisation (name, slug, created_at) VALUES ('drafts', 'drafts', now()) RETURNING id"
    )
    organisation = owner.fetchone()[0]
    for levels in (1, LEVELS):
        with open_scope(organisation_id=organisation):
            _write(levels)
    owner.execute("ANALYZE")
    print(
        f"impact of a draft that changes some service levels, over {MONTHS} months of a contract; medians of {TIMES} runs"
    )
    for levels, changed in ((1, 1), (LEVELS, 1), (LEVELS, LEVELS)):
        with open_scope(organisation_id=organisation), statements() as seen:
            contract = Contract.objects.get(reference=f"C-{levels}")
            read = partial(_read, contract, *_texts(levels, changed))
            work = partial(_panel, contract, read())
            work()  # the first in a session prepares its statements
            before = len(seen)
            took = [_timed(work) for _ in range(TIMES)]
            _say(f"{changed} of {levels}: the draft read", [_timed(read) for _ in range(TIMES)])
            _say(f"{changed} of {levels}: its impact, {(len(seen) - before) // TIMES} statements", took)


def _timed(work: Callable[[], Any]) -> tuple[float, float]:
    """By the clock, and of this process's processor time: what other work on the machine does to the first it does not to the second."""
    before = time.process_time()
    return seconds(work), time.process_time() - before


def _say(what: str, took: list[tuple[float, float]]) -> None:
    clock, processor = (median(list(one)) for one in zip(*took, strict=True))
    say(f"{what}, {processor * 1000:.0f} ms of Python", clock)


def _read(contract: Contract, base: str, draft: str) -> Proposed:
    return examine(base, draft, contract.day(NOW))


def _panel(contract: Contract, proposed: Proposed) -> dict[str, Any]:
    return impact_page(work_out(contract, proposed.file, now=NOW, months=MONTHS).summary)


def _write(levels: int) -> None:
    """A contract with accepted and judged figures of every month."""
    contract = import_contract(by=None, source=contract_file.write(document(levels)))
    months = [after(FIRST, number) for number in range(MONTHS)]
    rows = [
        FigureRow(
            place, f"SL-{level}", month, numerator=Decimal(85 + (7 * level + number) % 15), denominator=Decimal(100)
        )
        for place, (level, (number, month)) in enumerate(
            ((level, one) for level in range(levels) for one in enumerate(months)), start=2
        )
    ]
    import_figures(by=None, contract=contract, rows=rows, accept=True, now=NOW)
    while judge_due(now=NOW):
        pass
    build_due(now=NOW)


def _texts(levels: int, changed: int) -> tuple[str, str]:
    """The contract's file, and a draft with a stricter target of some of its service levels."""
    changing = copy.deepcopy(document(levels))
    for level in changing["service_levels"][:changed]:
        bands = [{**BANDS[0], "at": "97"}, *BANDS[1:]]
        level["terms"].append({"from": FROM.isoformat(), "better": "higher", "bands": bands})
    return contract_file.write(document(levels)), contract_file.write(changing)


def document(levels: int) -> dict[str, Any]:
    return {
        "plumbline": "1",
        "contract": {
            "reference": f"C-{levels}",
            "title": "Service desk",
            "vendor": {"code": "V", "name": "Vendor"},
            "starts_on": FIRST.isoformat(),
            "ends_on": "2028-12-31",
            "currency": "GBP",
            "timezone": "Europe/London",
            "charges": {"monthly": "100000"},
        },
        "kras": [{"code": "K", "name": "Service", "weight": "1"}],
        "service_levels": [
            {
                "code": f"SL-{number}",
                "name": f"Service level {number}",
                "kras": {"K": "1"},
                "every": "month",
                "measure": {"kind": "ratio", "unit": "percent"},
                "terms": [{"from": FIRST.isoformat(), "better": "higher", "bands": BANDS}],
            }
            for number in range(levels)
        ],
        "credits": {
            "point": {"percent_of": "charges", "value": "0.5"},
            "caps": [{"percent_of": "charges", "value": "10", "over": "month"}],
        },
        "rules": [
            {"name": "Points", "over": "contract", "count": "points", "window": "3", "at_least": "20", "then": "notify"}
        ],
    }
