"""A tick with nothing to do: a thousand quiet organisations beside as many `SELECT 1`, and ten years of history beside one."""

import argparse
from collections.abc import Callable
from datetime import date

from django.db import connection, connections

from bench import world
from bench.clock import median, say, seconds
from config import tasks
from lib import clock
from lib.wakeup import take_note

QUIET = world.Size(2, 5, 12)
YEAR = world.Size(100, 10, 12)
DECADE = world.Size(100, 10, 120, begins=date(2015, 1, 1))


def main(options: argparse.Namespace) -> None:
    owner = connections["owner"].cursor()
    quiet = [world.build(owner, f"quiet-{n}", QUIET, analyse=False) for n in range(options.organisations)]
    year, decade = world.build(owner, "year", YEAR), world.build(owner, "decade", DECADE)
    for organisation in (*quiet, year, decade):
        catch_up(organisation)
    for table in (
        "evaluation_result",
        "evaluation_month",
        "evaluation_watermark",
        "breaches_breach",
        "notifications_event",
    ):
        owner.execute(f"VACUUM ANALYZE {table}")
    print(
        f"tick: {len(quiet):,} organisations of {QUIET.contracts} contracts, each with {QUIET.slots} results, and nothing to do"
    )
    floor, tick, run = compare(
        options.rounds, lambda: select_one(len(quiet)), lambda: asked(quiet), lambda: runs(quiet)
    )
    say(f"{len(quiet):,} × SELECT 1", floor, floor, "itself")
    say("a tick: is there work for any of them?", tick, floor, "SELECT 1")
    say("all steps of each of them, as if there were", run, floor, "SELECT 1")
    print(f"one organisation of {YEAR.contracts} contracts with {YEAR.slots:,} results, and one with {DECADE.slots:,}")
    times = compare(
        options.rounds,
        lambda: asked([year] * 100),
        lambda: asked([decade] * 100),
        lambda: runs([year] * 20),
        lambda: runs([decade] * 20),
    )
    say("100 ticks, 120 months", times[1], times[0], "12 months")
    say("20 runs of all steps, 120 months", times[3], times[2], "12 months")


def catch_up(organisation: int) -> None:
    """Do all work, as the workers would, until there is none."""
    while asked([organisation]):
        for step in tasks.STEPS:
            step(organisation)
        take_note(organisation)


def compare(rounds: int, *acts: Callable[[], object]) -> list[float]:
    """Medians of alternating runs; the first, which prepares statements, is not counted."""
    times: list[list[float]] = [[seconds(act) for act in acts] for _ in range(rounds + 1)][1:]
    return [median(list(taken)) for taken in zip(*times, strict=True)]


def select_one(count: int) -> None:
    with connection.cursor() as cursor:
        for _ in range(count):
            cursor.execute("SELECT 1")
            cursor.fetchone()


def asked(organisations: list[int]) -> int:
    """What a tick asks of each; returns how many have work."""
    now = clock.database_now()
    return sum(tasks.is_due(organisation, now) for organisation in organisations)


def runs(organisations: list[int]) -> None:
    for organisation in organisations:
        for step in tasks.STEPS:
            step(organisation)
