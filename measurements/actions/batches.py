"""Figures files that are looked at before they are saved: staged, taken, swept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from contracts.models import Contract
from lib import clock
from lib.errors import RuleBroken
from measurements.actions.expected import stored_expectations
from measurements.actions.figures import import_figures
from measurements.figures_file import FigureProblem, FigureRow, FigureRows, RawRow, sort_rows
from measurements.models import ImportBatch, Submission
from organisations.actions import require
from organisations.models import Membership

KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Staged:
    """The rows of a batch as they read today: those that can be saved, and what is wrong with the others or their lines."""

    rows: list[FigureRow]
    problems: list[FigureProblem]
    read: int  # rows of the file, right or wrong


@transaction.atomic
def stage(
    *,
    by: Membership,
    contract: Contract,
    filename: str,
    file: FigureRows,
    now: datetime | None = None,
) -> ImportBatch:
    """Keep the rows of a file for its maker to look at."""
    require(by, "figures.import")
    return ImportBatch.objects.create(
        vendor_id=by.vendor_id,
        contract=contract,
        by=by,
        filename=filename[:200],
        rows=[[row.line, row.cells] for row in file.rows],
        local=file.local,
        hidden_rows=file.hidden,
        problems=[[one.line, one.column, one.message] for one in file.problems],
        made_at=now or clock.database_now(),
    )


def staged(batch: ImportBatch) -> Staged:
    """Read a batch against the contract as it is now: it may have moved on since the file was chosen. Three statements."""
    raws = [RawRow(line, cells, batch.local) for line, cells in batch.rows]
    rows, wrong = sort_rows(raws, stored_expectations(batch.contract, batch.by))
    problems = [*(FigureProblem(*one) for one in batch.problems), *wrong]
    read = len({*(raw.line for raw in raws), *(line for line, _, _ in batch.problems if line)})
    return Staged(rows, sorted(problems, key=lambda one: one.line or 0), read)


@transaction.atomic
def take(*, by: Membership, batch: ImportBatch, only_good: bool = False, **choice: Any) -> list[Submission]:
    """Save the figures of a batch, which is gone then; `choice` as for `import_figures`.

    With problems in it nothing is taken, unless `only_good` says that the others shall wait: RuleBroken otherwise.
    """
    found = staged(batch)
    if found.problems and not only_good:
        raise RuleBroken("problems", "Some rows are wrong. Correct the file, or save the rows that are right.")
    done = import_figures(by=by, contract=batch.contract, rows=found.rows, filename=batch.filename, **choice)
    batch.delete()
    return done


def sweep_batches(*, now: datetime) -> int:
    """Remove what nobody came back to. Returns how many."""
    return ImportBatch.objects.filter(made_at__lt=now - KEPT).delete()[0]
