"""Contracts that are kept and judged as time goes by, and what is stored of them, by names instead of numbers of rows."""

from collections import defaultdict
from contextlib import contextmanager
from uuid import uuid4

from django.db import transaction

from contracts import contract_file
from evaluation.actions import judge_due
from evaluation.models import Month, Result, TriggeredRule
from measurements import figures_file
from measurements.actions import import_figures
from organisations.actions import create_organisation
from organisations.scope import open_scope
from scorecards.actions import build_due
from scorecards.models import Scorecard
from slas.actions import import_contract
from tests.evaluation.engines import as_csv, as_text

# Which row it is, and when it was written, says nothing about the judgement.
ROW = {"id", "organisation", "vendor", "contract", "service_level", "period", "terms", "submission_id"}
WRITTEN = {"judged_at", "revision"}


@contextmanager
def thrown_away():
    """An organisation and its scope, for one example of many; nothing is left of it."""
    with transaction.atomic():
        organisation = create_organisation(name="Client", slug=f"client-{uuid4().hex}")
        with open_scope(organisation_id=organisation.pk):
            yield organisation
        transaction.set_rollback(True)


def take_contract(contract, reference="R-1", today=None):
    """Import a contract file (a plain dict) under a reference, or amend the one that has it."""
    file = contract | {"contract": contract["contract"] | {"reference": reference}}
    return import_contract(by=None, source=as_text(file), today=today)


def report(stored, contract, rows, now):
    """Take rows of a figures file (dicts of texts) as accepted figures of a stored contract; of one slot all parts at once."""
    if rows:
        file = contract_file.read(as_text(contract))
        read = figures_file.read(as_csv(rows), "figures.csv", figures_file.expectations(file))
        import_figures(by=None, contract=stored, rows=read, accept=True, reason="As found out", now=now)


def tick(now):
    """What a worker does: judge what is due and build the scorecards, until there is nothing left."""
    while judge_due(now=now):
        pass
    build_due(now=now)


def by_slot(figures):
    """Rows of a figures file by (service level, period as written)."""
    slots = defaultdict(list)
    for row in figures:
        slots[row["service_level"], row["period"]].append(row)
    return dict(slots)


# What is stored ---------------------------------------------------------------------------------------------------


def judgement(contract):
    """All of a contract's judgement: for each kind of row its columns by its key."""
    return {
        "results": {key: content(row) for key, row in results(contract).items()},
        "months": {row.month: content(row) for row in Month.objects.filter(contract=contract)},
        "triggered_rules": {key: content(row) for key, row in triggered_rules(contract).items()},
        "scorecards": {row.month: content(row) for row in Scorecard.objects.filter(contract=contract)},
    }


def stamps(contract):
    """When each row was written, and which revision it is."""
    return {
        "results": {key: (row.judged_at, row.revision) for key, row in results(contract).items()},
        "months": {row.month: row.judged_at for row in Month.objects.filter(contract=contract)},
        "triggered_rules": {key: row.judged_at for key, row in triggered_rules(contract).items()},
        "scorecards": {row.month: row.judged_at for row in Scorecard.objects.filter(contract=contract)},
    }


def results(contract, model=Result):
    """Results by service level and first day."""
    rows = model.objects.filter(contract=contract).select_related("service_level", "terms")
    return {(row.service_level.code, row.starts_on): row for row in rows}


def triggered_rules(contract):
    rows = TriggeredRule.objects.filter(contract=contract).select_related("service_level")
    return {(row.rule, row.service_level and row.service_level.code, row.month): row for row in rows}


def content(row):
    """The columns of a judged row that say something; a result's terms by their first day."""
    columns = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}
    columns = {name: value for name, value in columns.items() if name not in ROW | WRITTEN}
    if hasattr(row, "terms"):
        columns["terms_from"] = row.terms.valid.lower
    if "trace" in columns:
        columns["trace"] = _without_numbers_of_rows(columns["trace"])
    return columns


def _without_numbers_of_rows(part):
    if isinstance(part, list):
        return [_without_numbers_of_rows(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {name: _without_numbers_of_rows(value) for name, value in part.items() if name != "service_level_id"}
