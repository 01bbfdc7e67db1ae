"""Judging a large organisation: beside the plain copy of the same finished rows, a second run, one month, and an object-by-object way.

Contracts are judged in shares, as the workers take them; by one worker, and by two at the same time.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

from django.db import connection, connections

from bench import by_objects, world
from bench.clock import median, memory, say, seconds, statements
from evaluation import pipeline
from evaluation.actions import judge, judge_due
from evaluation.pipeline import SHARE, EvaluationRequest
from organisations import row_security
from organisations.scope import open_scope
from scorecards.actions import build_due

AS_OF = date(2026, 2, 20)
NOW = datetime(2026, 2, 20, tzinfo=UTC)
LEVELS, MONTHS = 20, 24
# So that judging the month again has rows to write.
DISTURB = "UPDATE evaluation_result SET value = value + 1 WHERE organisation_id = %s AND starts_on = %s"
COPY = "INSERT … SELECT of the finished results"


def main(options: argparse.Namespace) -> None:
    size = world.Size(max(options.slots // (LEVELS * MONTHS), 1), LEVELS, MONTHS)
    owner = connections["owner"].cursor()
    large = world.build(owner, "large", size)
    short = world.build(owner, "short", replace(size, months=4))
    print(f"judging: {size.contracts:,} contracts × {LEVELS} service levels × {MONTHS} months = {size.slots:,} slots")
    times: dict[str, list[float]] = {}

    def time(what: str, work: Callable[[], object]) -> None:
        times.setdefault(what, []).append(seconds(work))

    requests = everything(large)
    crew = ThreadPoolExecutor(2)
    for _ in range(options.rounds):
        clear(owner, large)
        time("alone", lambda: in_shares(_results, large, requests, workers=1))
        time("again", lambda: in_shares(_results, large, requests, workers=1))
        time("bare", lambda: copy(owner, large, keys=False))
        time("keyed", lambda: copy(owner, large, keys=True))
        clear(owner, large)
        time("two", lambda: in_shares(_results, large, requests, workers=2))
        time("two again", lambda: in_shares(_results, large, requests, workers=2))
        time("quiet", lambda: _a_quiet_day(owner, large))
        time("months", lambda: in_shares(_months, large, requests, workers=2))
        time("cards", lambda: _until_done(crew, large, build_due))
        clear(owner, large)
        time("chain", lambda: _until_done(crew, large, judge_due, build_due))
    dismiss(crew)
    print(
        f"  {count(owner, large):,} results; medians of {options.rounds} alternating runs; floor: {COPY}, same indexes"
    )
    middle = {what: median(taken) for what, taken in times.items()}
    say("the floor, with the keys checked as for results", middle["keyed"], middle["bare"], "the floor")
    say("judge, written with trace, one worker", middle["alone"], middle["bare"], "the floor")
    say("judge, written with trace, two workers", middle["two"], middle["bare"], "the floor")
    say("judge again (writes nothing), one worker", middle["again"], middle["alone"], "the first run")
    say("judge again (writes nothing), two workers", middle["two again"], middle["two"], "the first run")
    say("a day on which nothing begins, ends or falls due", middle["quiet"], middle["two"], "the first run")
    say("months, caps, earn-back, rules, two workers", middle["months"], middle["bare"], "the floor")
    say("scorecards, two workers", middle["cards"], middle["bare"], "the floor")
    say("the full chain, as two workers do it", middle["chain"], middle["bare"], "the floor")
    one_month(owner, large, short, options.rounds)
    by_objects.measure(large, size.slots, middle["alone"])
    print(
        f"  statements for a share of {SHARE} contracts: {counted_statements(large, requests)}; this process: at most {memory()} MB"
    )


def in_shares(
    work: Callable[[int, list[EvaluationRequest]], object],
    organisation: int,
    requests: list[EvaluationRequest],
    *,
    workers: int,
) -> None:
    """Do the work for all contracts, each worker taking a share of them after the other, on a connection of its own."""

    def one(share: list[EvaluationRequest]) -> None:
        work(organisation, share)

    shares = [requests[at : at + SHARE] for at in range(0, len(requests), SHARE)]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, shares))
        list(pool.map(lambda _: connection.close(), range(workers)))


def dismiss(crew: ThreadPoolExecutor) -> None:
    both = Barrier(2)

    def one(_: int) -> None:
        both.wait()  # so that each closes its own connection
        connection.close()

    list(crew.map(one, range(2)))
    crew.shutdown()


def counted_statements(organisation: int, requests: list[EvaluationRequest]) -> int:
    with open_scope(organisation_id=organisation), statements() as seen:
        judge(requests[:SHARE], now=NOW)  # prepares its statements
        before = len(seen)
        judge(requests[:SHARE], now=NOW)
    return len(seen) - before


def everything(organisation: int) -> list[EvaluationRequest]:
    with open_scope(organisation_id=organisation), connection.cursor() as cursor:
        cursor.execute("SELECT id, starts_on FROM contracts_contract ORDER BY id")
        return [EvaluationRequest(contract, starts_on, AS_OF, starts_on) for contract, starts_on in cursor.fetchall()]


def clear(owner: Any, organisation: int) -> None:
    """Nothing is judged, and everything is to be."""
    for table in (
        "scorecards_scorecard",
        "evaluation_watermark",  # by which scorecards that were taken away would pass for built
        "evaluation_triggeredrule",
        "evaluation_month",
        "evaluation_pastresult",
        "evaluation_result",
    ):
        owner.execute(f"DELETE FROM {table} WHERE organisation_id = %s", [organisation])
        owner.execute(f"VACUUM ANALYZE {table}")
    owner.execute(
        """UPDATE contracts_reevaluation AS d SET from_on = c.starts_on, judged_on = NULL FROM contracts_contract AS c
        WHERE c.id = d.contract_id AND d.organisation_id = %s""",
        [organisation],
    )


def _results(organisation: int, requests: list[EvaluationRequest]) -> None:
    with open_scope(organisation_id=organisation), pipeline.tuned() as session:
        pipeline.store_results(session, requests, NOW)


def _a_quiet_day(owner: Any, organisation: int) -> None:
    """What a worker does on the day after everything was judged."""
    owner.execute(
        "UPDATE contracts_reevaluation SET from_on = NULL, judged_on = %s WHERE organisation_id = %s",
        [AS_OF, organisation],
    )
    done = 1
    while done:
        with open_scope(organisation_id=organisation):
            done = judge_due(now=NOW + timedelta(days=1))


def _months(organisation: int, requests: list[EvaluationRequest]) -> None:
    with open_scope(organisation_id=organisation), pipeline.tuned() as session:
        pipeline.store_months(session, requests, NOW)


def _until_done(crew: ThreadPoolExecutor, organisation: int, *steps: Callable[..., int]) -> None:
    """As it is done every minute: each worker, whose session stays, takes the next contracts that nobody else has, until there are none."""

    def one(_: int) -> None:
        done = 1
        while done:
            done = 0
            for step in steps:
                with open_scope(organisation_id=organisation):
                    done += step(now=NOW)

    list(crew.map(one, range(2)))


def copy(owner: Any, organisation: int, *, keys: bool) -> None:
    """The floor: the same finished rows into a table with the same indexes, and with the same keys or without."""
    owner.execute("CREATE TABLE floor (LIKE evaluation_result INCLUDING ALL)")
    if keys:
        for (kind, table, name), wall in row_security.wanted().items():
            if kind == "trigger" and table == "evaluation_result" and name.startswith("keys_"):
                owner.execute(wall.build.replace(" ON evaluation_result ", " ON floor "))
    owner.execute("INSERT INTO floor SELECT * FROM evaluation_result WHERE organisation_id = %s", [organisation])
    owner.execute("DROP TABLE floor")


def count(owner: Any, organisation: int) -> int:
    owner.execute("SELECT count(*) FROM evaluation_result WHERE organisation_id = %s", [organisation])
    return int(owner.fetchone()[0])


def one_month(owner: Any, large: int, short: int, rounds: int) -> None:
    """Judge the last month of all contracts again, with 23 and with 3 months behind it."""
    _prepare(short)
    times: dict[int, list[float]] = {large: [], short: []}
    last = {large: date(2025, 12, 1), short: date(2024, 4, 1)}
    for _ in range(rounds):
        for organisation in (large, short):
            requests = [replace(one, from_on=last[organisation], changed_from=None) for one in everything(organisation)]
            owner.execute(DISTURB, [organisation, last[organisation]])
            times[organisation].append(seconds(partial(in_shares, _judge, organisation, requests, workers=1)))
    say(
        "judge one month again, 23 months behind it",
        median(times[large]),
        median(times[short]),
        "with 3 months behind it",
    )


def _prepare(organisation: int) -> None:
    for work in (_results, _months):
        in_shares(work, organisation, everything(organisation), workers=2)


def _judge(organisation: int, requests: list[EvaluationRequest]) -> None:
    with open_scope(organisation_id=organisation):
        judge(requests, now=NOW)
