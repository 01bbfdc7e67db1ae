"""The same change of 100 contracts: worked out by the workers' step, then submitted, approved and shown, each as one request."""

import argparse
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connections

from agreements.actions import approve_bulk, begin_bulk, submit_bulk, work_out_due
from agreements.actions.bulk_impact import SHARE
from agreements.models import BulkRevision
from agreements.pages.bulk import bulk_page
from agreements.rules import BulkKind
from agreements.views.bulk import _parts
from bench.clock import say, seconds, statements
from bench.impact import FIRST, NOW, document
from contracts import contract_file
from contracts.models import Contract
from evaluation.actions import judge_due
from lib import clock
from lib.months import after
from measurements.actions import import_figures
from measurements.figures_file import FigureRow
from organisations.models import Membership, User, Vendor
from organisations.rules import Role
from organisations.scope import open_scope
from scorecards.actions import build_due
from slas.actions import import_contract

CONTRACTS, LEVELS, MONTHS = 100, 5, 24
CHANGES: dict[BulkKind, dict[str, Any]] = {
    BulkKind.CHARGES: {"percent": "3.4"},
    BulkKind.DUE_DAY: {"days": 8},
    BulkKind.TARGET: {"metric": "ITSM-04", "target": "97", "bands": "keep"},
}


def main(options: argparse.Namespace) -> None:
    owner = connections["owner"].cursor()
    owner.execute(
        "INSERT INTO organisations_organisation (name, slug, created_at) VALUES ('many', 'many', now()) RETURNING id"
    )
    organisation = owner.fetchone()[0]
    people = [User.objects.create_user(f"{name}@example.test", name=name) for name in ("petra", "marco", "vera")]
    with open_scope(organisation_id=organisation):
        for number in range(CONTRACTS):
            _write(number)
        petra, marco, _ = (
            Membership.objects.create(user=user, role=role, vendor=vendor, name=user.name, email=user.email)
            for user, role, vendor in zip(
                people,
                (Role.PROCUREMENT, Role.ACCOUNT_MANAGER, Role.VENDOR_MANAGER),
                (None, None, Vendor.objects.get()),
                strict=True,
            )
        )
    owner.execute("ANALYZE")
    print(
        f"the same change of {CONTRACTS} contracts, {LEVELS} service levels and {MONTHS} months each; one run of each kind"
    )
    for kind, change in CHANGES.items():
        _measure(organisation, kind, change, petra, marco)


def _measure(organisation: int, kind: BulkKind, change: dict[str, Any], petra: Membership, marco: Membership) -> None:
    day = after(clock.database_now().date().replace(day=1), 2)
    given: dict[str, Any] = {"kind": kind, "change": change, "day": day, "title": kind.label, "reason": "Measured."}
    with _as(organisation, petra):
        contracts = list(Contract.objects.values_list("pk", flat=True))
        bulk = begin_bulk(by=petra, contracts=contracts, **given)
    steps: list[float] = []
    while True:
        with open_scope(organisation_id=organisation):
            if BulkRevision.objects.get(pk=bulk.pk).status != "working_out":
                break
            steps.append(seconds(partial(work_out_due, now=clock.database_now())))
    say(f"{kind}: worked out in {len(steps)} steps of {SHARE} contracts", sum(steps))
    say(f"{kind}: the longest step", max(steps))
    for words, member, action in (("submitted", petra, submit_bulk), ("approved", marco, approve_bulk)):
        with _as(organisation, member), statements() as seen:
            took = seconds(partial(action, by=member, bulk_revision=bulk))
        say(f"{kind}: {words}, {len(seen)} statements", took)
    with _as(organisation, petra):
        found = BulkRevision.objects.get(pk=bulk.pk)
        say(f"{kind}: shown", seconds(lambda: bulk_page(found, _parts(found))))


def _as(organisation: int, member: Membership) -> Any:
    return open_scope(organisation_id=organisation, actor_id=member.pk)


def _write(number: int) -> None:
    given = document(LEVELS)
    given["contract"] |= {"reference": f"C-{number:03}"}
    for level in given["service_levels"]:
        level["metric"] = "ITSM-04"
    contract = import_contract(by=None, source=contract_file.write(given))
    first: date = after(FIRST, 36 - MONTHS)
    rows = [
        FigureRow(
            place,
            f"SL-{level}",
            month,
            numerator=Decimal(85 + (7 * level + step + number) % 15),
            denominator=Decimal(100),
        )
        for place, (level, (step, month)) in enumerate(
            (
                (level, one)
                for level in range(LEVELS)
                for one in enumerate(after(first, number) for number in range(MONTHS))
            ),
            start=2,
        )
    ]
    import_figures(by=None, contract=contract, rows=rows, accept=True, now=NOW)
    while judge_due(now=NOW):
        pass
    build_due(now=NOW)
