"""Replaying proposed contracts over past months, beside a bare SELECT of the same stored rows."""

import argparse
import copy
from dataclasses import replace
from datetime import date
from functools import partial

from django.db import connections

from bench import world
from bench.clock import median, say, seconds, statements
from bench.judging import _months, _results, everything
from contracts.models import Contract
from evaluation import replay as replaying
from evaluation.models import Result
from evaluation.proposed import Rows, stored_rows
from evaluation.replay import Proposal
from organisations.scope import open_scope
from slas.models import ServiceLevel

MONTHS, TIMES = 36, 7
FIRST, AS_OF = date(2024, 1, 1), date(2027, 1, 20)


def main(options: argparse.Namespace) -> None:
    owner = connections["owner"].cursor()
    size = world.Size(50, 20, MONTHS)
    organisation = world.build(owner, "replayed", size)
    requests = [one.__class__(one.contract_id, one.from_on, AS_OF, one.from_on) for one in everything(organisation)]
    _results(organisation, requests)
    _months(organisation, requests)
    owner.execute("ANALYZE")  # as the server does it by itself a minute later
    print(f"replaying, over {MONTHS} months, in an organisation of {size.slots:,} slots; medians of {TIMES} runs")
    for levels in (1, 200):
        with open_scope(organisation_id=organisation), statements() as seen:
            ids = list(ServiceLevel.objects.order_by("pk").values_list("pk", flat=True)[:levels])
            contracts = list(Contract.objects.filter(service_levels__in=ids).distinct().order_by("pk"))
            proposals = [stricter(rows, ids) for rows in stored_rows(contracts).values()]
            bare = [seconds(partial(read, ids)) for _ in range(TIMES)]
            before = len(seen)
            took = [seconds(partial(replaying.replay, proposals, from_on=FIRST, as_of=AS_OF)) for _ in range(TIMES)]
            say(f"{levels} service level{'s' * (levels > 1)}: {(len(seen) - before) // TIMES} statements", median(took), median(bare),
                f"SELECT of the same {levels * MONTHS:,} rows")  # fmt: skip


def read(ids: list[int]) -> None:
    list(Result.objects.filter(service_level_id__in=ids).values())


def stricter(rows: Rows, ids: list[int]) -> Proposal:
    """The contract with harder targets of the service levels."""
    terms = copy.deepcopy(rows.terms)
    for number in ids:
        for one in terms.get(number, ()):
            one["full"]["bands"][0]["at"] = {"98": "99", "97": "98.5", "20": "18", "1": "0"}[
                one["full"]["bands"][0]["at"]
            ]
    return Proposal(replace(rows, terms=terms), [number for number in ids if number in terms])
