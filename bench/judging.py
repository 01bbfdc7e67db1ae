"""Judging a large organisation: beside the plain copy of the same finished rows, a second run, one month, and an object-by-object way."""

import argparse
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.db import connection, connections

from bench import by_objects, world
from bench.clock import median, memory, say, seconds, statements
from evaluation import pipeline
from evaluation.actions import judge
from evaluation.pipeline import Asked
from organisations import walls
from organisations.scope import open_scope
from scorecards.actions import build_due

AS_OF = date(2026, 2, 20)
NOW = datetime(2026, 2, 20, tzinfo=UTC)
LEVELS, MONTHS = 20, 24
# So that judging the month anew has rows to write.
DISTURB = "UPDATE evaluation_result SET value = value + 1 WHERE organisation_id = %s AND starts_on = %s"


def main(options: argparse.Namespace) -> None:
    size = world.Size(max(options.slots // (LEVELS * MONTHS), 1), LEVELS, MONTHS)
    owner = connections["owner"].cursor()
    large = world.build(owner, "large", size)
    short = world.build(owner, "short", replace(size, months=3))
    print(f"judging: {size.contracts:,} contracts × {LEVELS} service levels × {MONTHS} months = {size.slots:,} slots")
    first, months, again, bare, keyed = [], [], [], [], []
    asked = everything(large)
    for _ in range(options.rounds):
        clear(owner, large)
        first.append(seconds(lambda: _results(large, asked)))
        months.append(seconds(lambda: _months(large, asked)))
        again.append(seconds(lambda: _results(large, asked)))
        bare.append(seconds(lambda: copy(owner, large, keys=False)))
        keyed.append(seconds(lambda: copy(owner, large, keys=True)))
    rows = count(owner, large)
    print(f"  {rows:,} results; medians of {options.rounds} alternating runs")
    say(
        "judge every slot, written with trace",
        median(first),
        median(keyed),
        "INSERT … SELECT of the rows, same indexes and keys",
    )
    say("", median(first), median(bare), "the same without foreign keys")
    say("judge again (writes nothing)", median(again), median(first), "the first run")
    say(
        "months, caps, earn-back, rules",
        median(months),
        median(keyed),
        "INSERT … SELECT of the rows, same indexes and keys",
    )
    say(
        "scorecards",
        seconds(lambda: _scorecards(large)),
        median(keyed),
        "INSERT … SELECT of the rows, same indexes and keys",
    )
    one_month(owner, large, short, options.rounds)
    by_objects.measure(large, size.slots, median(first) + median(months))
    print(f"  this process: at most {memory()} MB")


def everything(organisation: int) -> list[Asked]:
    with open_scope(organisation_id=organisation), connection.cursor() as cursor:
        cursor.execute("SELECT id, starts_on FROM contracts_contract ORDER BY id")
        return [Asked(contract, starts_on, AS_OF, starts_on) for contract, starts_on in cursor.fetchall()]


def clear(owner: Any, organisation: int) -> None:
    for table in (
        "scorecards_scorecard",
        "evaluation_firing",
        "evaluation_month",
        "evaluation_pastresult",
        "evaluation_result",
    ):
        owner.execute(f"DELETE FROM {table} WHERE organisation_id = %s", [organisation])
        owner.execute(f"VACUUM ANALYZE {table}")


def _results(organisation: int, asked: list[Asked]) -> None:
    with open_scope(organisation_id=organisation), statements() as seen:
        pipeline.tune()
        pipeline.store_results(asked, NOW)
    _results.statements = len(seen)  # type: ignore[attr-defined]


def _months(organisation: int, asked: list[Asked]) -> None:
    with open_scope(organisation_id=organisation):
        pipeline.tune()
        pipeline.store_months(asked, NOW)


def _scorecards(organisation: int) -> None:
    with open_scope(organisation_id=organisation):
        build_due(now=NOW)


def copy(owner: Any, organisation: int, *, keys: bool) -> None:
    """The floor: the same finished rows into a table with the same indexes, and with the same foreign keys or without."""
    owner.execute("CREATE TABLE floor (LIKE evaluation_result INCLUDING ALL)")
    if keys:
        for (_, table, _), wall in walls.wanted().items():
            if table == "evaluation_result" and wall.definition.startswith("FOREIGN"):
                owner.execute(f"ALTER TABLE floor ADD {wall.definition}")
    owner.execute("INSERT INTO floor SELECT * FROM evaluation_result WHERE organisation_id = %s", [organisation])
    owner.execute("DROP TABLE floor")


def count(owner: Any, organisation: int) -> int:
    owner.execute("SELECT count(*) FROM evaluation_result WHERE organisation_id = %s", [organisation])
    return int(owner.fetchone()[0])


def one_month(owner: Any, large: int, short: int, rounds: int) -> None:
    """Judge the last month of all contracts anew, with 24 and with 3 months behind it."""
    _prepare(short)
    times: dict[int, list[float]] = {large: [], short: []}
    last = {large: date(2025, 12, 1), short: date(2024, 3, 1)}
    for _ in range(rounds):
        for organisation in (large, short):
            asked = [replace(one, from_on=last[organisation], touched_from=None) for one in everything(organisation)]
            owner.execute(DISTURB, [organisation, last[organisation]])
            times[organisation].append(seconds(partial(_judge, organisation, asked)))
    say(
        "judge one month anew, 24 months behind it",
        median(times[large]),
        median(times[short]),
        "with 3 months behind it",
    )


def _prepare(organisation: int) -> None:
    asked = everything(organisation)
    _results(organisation, asked)
    _months(organisation, asked)


def _judge(organisation: int, asked: list[Asked]) -> None:
    with open_scope(organisation_id=organisation):
        judge(asked, now=NOW)
