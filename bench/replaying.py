"""Replaying proposed terms over past months, beside a bare SELECT of the same stored rows."""

import argparse
import copy
from datetime import date
from functools import partial

from django.db import connections

from bench import world
from bench.clock import median, say, seconds, statements
from bench.judging import _months, _results, everything
from evaluation.models import Result
from evaluation.replay import Proposal, replay
from organisations.scope import open_scope
from slas.models import Terms

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
            proposals = [stricter(terms) for terms in Terms.objects.order_by("service_level_id")[:levels]]
            ids = [one.service_level_id for one in proposals]
            bare = [seconds(partial(read, ids)) for _ in range(TIMES)]
            before = len(seen)
            took = [seconds(partial(replay, proposals, from_on=FIRST, as_of=AS_OF)) for _ in range(TIMES)]
            say(f"{levels} service level{'s' * (levels > 1)}: {(len(seen) - before) // TIMES} statements", median(took), median(bare),
                f"SELECT of the same {levels * MONTHS:,} rows")  # fmt: skip


def read(ids: list[int]) -> None:
    list(Result.objects.filter(service_level_id__in=ids).values())


def stricter(terms: Terms) -> Proposal:
    full = copy.deepcopy(terms.full)
    full["bands"][0]["at"] = {"98": "99", "97": "98.5", "20": "18", "1": "0"}[full["bands"][0]["at"]]
    return Proposal(terms.service_level_id, FIRST, full)
