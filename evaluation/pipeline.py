"""The judgement as one SQL text: the chain of steps in evaluation/sql, put together for its callers.

A file holds named steps (CTEs) in the order of the judgement; a statement is a list of files. Everything is set-based: the number of
statements does not depend on the number of contracts, service levels or months.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import connection

from lib.postgres import array
from organisations.scope import current_organisation_id

FOLDER = Path(__file__).parent / "sql"
# Contracts to judge, or to score, at a time: the rows of one share stay in the processor's cache, and idle workers take the next one.
SHARE = 50

# The steps up to the judgement of each slot; the stored judgements instead; and what is computed from either.
SLOTS = ("slots", "part", "facts", "results")
STORED = ("evaluation_window", "stored_results", "windowed_results")
MONTHS = ("versions", "credit", "caps", "watched", "triggered_rules")
# What a statement may be given, and how the database knows it.
PARAMETERS = {
    "organisation": "bigint", "contracts": "bigint[]", "levels": "bigint[]", "from_on": "date[]", "as_of": "date[]",
    "changed_from": "date[]", "preview": "bigint", "proposed": "jsonb", "now": "timestamptz",
    "headroom_of": "bigint",
}  # fmt: skip
STORE_RESULTS = (FOLDER / "store_results.sql").read_text().strip()
STORE_MONTHS = (FOLDER / "store_months.sql").read_text().strip()


@dataclass(frozen=True)
class EvaluationRequest:
    """What is to be judged of a contract: slots whose period begins from `from_on` on, as things stand on `as_of` (its local day).

    `changed_from`: facts or terms changed from this day on, so what is built on the months is built again; None where only time passed.
    """

    contract_id: int
    from_on: date
    as_of: date
    changed_from: date | None = None


@cache
def statement(steps: tuple[str, ...], last: str) -> str:
    """The steps' files as one WITH RECURSIVE, ended by `last`: a query, or further steps that end in one."""
    texts = [(FOLDER / f"{step}.sql").read_text().strip() for step in steps]
    glue = "\n\n" if last.startswith("SELECT") else ",\n\n"
    return "WITH RECURSIVE\n" + ",\n\n".join(texts) + glue + last


@dataclass(frozen=True)
class Session:
    """The database's session in a transaction, set up for the judgement: `known`, the statements it has; `marks`, what plans depend on."""

    known: set[str]
    marks: str

    def run(
        self, steps: tuple[str, ...], last: str, requests: Sequence[EvaluationRequest], **parameters: Any
    ) -> list[tuple[Any, ...]]:
        """Run a statement for what is asked and return its rows. The session keeps its plan."""
        return self._execute("EXECUTE", steps, last, requests, **parameters)

    def plan(
        self, steps: tuple[str, ...], last: str, requests: Sequence[EvaluationRequest], **parameters: Any
    ) -> dict[str, Any]:
        """The plan by which the session runs a statement, as EXPLAIN gives it in JSON; it is not run."""
        [[[found]]] = self._execute("EXPLAIN (FORMAT JSON) EXECUTE", steps, last, requests, **parameters)
        return dict(found["Plan"])

    def _execute(
        self, how: str, steps: tuple[str, ...], last: str, requests: Sequence[EvaluationRequest], **parameters: Any
    ) -> list[Any]:
        given = values(steps, requests, **parameters)
        with connection.cursor() as cursor:
            name = self._prepared(cursor, statement(steps, last))
            cursor.execute(
                f"{how} {name} ({', '.join(['%s'] * len(PARAMETERS))})", [given[parameter] for parameter in PARAMETERS]
            )
            return list(cursor.fetchall())

    def _prepared(self, cursor: Any, text: str) -> str:
        """The name under which the session knows a statement."""
        numbers = {parameter: f"${n}" for n, parameter in enumerate(PARAMETERS, 1)}
        prepared = f"({', '.join(PARAMETERS.values())}) AS {text % numbers}"
        name = f"judgement_{sha256(f'{self.marks} {prepared}'.encode()).hexdigest()[:24]}"
        if name not in self.known:
            cursor.execute(f"PREPARE {name} {prepared}")
            self.known.add(name)
        return name


def values(
    steps: Sequence[str],
    requests: Sequence[EvaluationRequest],
    *,
    levels: Sequence[int] | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """The parameters of a statement for what is asked: for all service levels of the contracts, or for `levels` alone."""
    contracts = [one.contract_id for one in requests]
    if levels is None:
        levels = _levels(contracts) if "slots" in steps else ()  # months and scores take what was judged
    return dict.fromkeys(PARAMETERS) | {
        "organisation": current_organisation_id(),
        "contracts": array(contracts),
        "levels": array(levels),
        "from_on": array([one.from_on for one in requests]),
        "as_of": array([one.as_of for one in requests]),
        "changed_from": array([one.changed_from for one in requests]),
        **parameters,
    }


def _levels(contracts: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM slas_servicelevel WHERE contract_id = ANY (%s)", [contracts])
        return [level_id for (level_id,) in cursor.fetchall()]


# While it works: room to sort in memory, no compilation, one plan for all values, tables by index and hash joins alone. A table that
# is small when the plan is made grows within one run, and the steps join sets whose sizes no planner can guess: a loop over two of them
# once took 105 seconds where a hash takes 0.2.
TUNED = {
    "work_mem": "128MB", "jit": "off", "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off", "enable_nestloop": "off", "enable_mergejoin": "off",
}  # fmt: skip
SET = "SELECT n, current_setting(n), set_config(n, v, true) FROM unnest(%s, %s) AS s (n, v)"
# What a plan depends on: the role, since a plan holds its row policies and would be made again wherever another role came in between; and
# how large (in powers of four) the tables are that grow with the months, so that a plan from when they were small is not kept.
GROWING = ["contracts_period", "evaluation_result", "measurements_figure", "slas_terms"]
TUNE = f"""
WITH setting (name, former, present) AS ({SET})
SELECT array_agg(name), array_agg(former), count(present), ARRAY(SELECT p.name FROM pg_prepared_statements AS p),
    (
        SELECT current_user || string_agg('_' || floor(log(4, pg_relation_size(t::regclass) / 8192 + 1)), '' ORDER BY t)
        FROM unnest(%s) AS t
    )
FROM setting
"""  # noqa: S608


@contextmanager
def tuned() -> Iterator[Session]:
    """The planner set up for the judgement's statements; afterwards as before, for a page goes on in the same transaction.

    The session is asked each time which statements it has: a pooler may give us another. What an error leaves behind goes with the
    transaction or the savepoint that it ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(TUNE, [list(TUNED), list(TUNED.values()), GROWING])
        names, former, _, known, marks = cursor.fetchone()
    yield Session(set(known), marks)
    with connection.cursor() as cursor:
        cursor.execute(SET, [names, former])


def store_results(session: Session, requests: Sequence[EvaluationRequest], now: datetime) -> dict[int, date]:
    """Judge slots and write those that differ. Returns of each contract with a difference the earliest month that has one."""
    return dict(session.run(SLOTS, STORE_RESULTS, requests, now=now))


def store_months(session: Session, requests: Sequence[EvaluationRequest], now: datetime) -> int:
    """Compute months and window rules and write those that differ. Returns the number of rows written or struck."""
    return int(session.run((*STORED, *MONTHS), STORE_MONTHS, requests, now=now)[0][0])
