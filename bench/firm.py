"""The world that pages are measured in: a large organisation that has lived for two years, beside twenty smaller ones.

Kept in the bench's data folder, since it takes minutes to judge. It is made afresh in a month for which there is none, and brought up to
date, as the workers would do it, where a release has marked contracts for judging.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, connections, transaction
from django.utils import timezone

import breaches.actions
import credits.actions
import evaluation.actions
import scorecards.actions
from bench import world
from organisations.actions import add_member, create_user
from organisations.models import Membership, Organisation, User, Vendor
from organisations.rules import Role
from organisations.scope import open_scope

SLUG = "firm"
LEVELS, MONTHS = 20, 24
MANAGER, REPORTER = "marco@firm.example", "vera@firm.example"
TOUCHED = """breaches_breach breaches_ledgerentry evaluation_triggeredrule evaluation_month evaluation_result measurements_figure
    measurements_submission notifications_event notifications_notification scorecards_scorecard""".split()


@dataclass(frozen=True)
class Scale:
    """Contracts of the large organisation, how many others there are, and the contracts of each."""

    contracts: int
    others: int
    contracts_of_others: int

    @property
    def results(self) -> int:
        return (self.contracts + self.others * self.contracts_of_others) * LEVELS * MONTHS


LARGE, SMALL = Scale(300, 20, 100), Scale(30, 2, 10)


def prepare(scale: Scale, say: Callable[[str], object]) -> None:
    """Make what is missing of the world. Every organisation is made as a whole or not at all."""
    this_month = timezone.localdate().replace(day=1)
    begins = _months_before(this_month, MONTHS)
    _forget_unless(begins)
    there = set(Organisation.objects.values_list("slug", flat=True))
    if not there:
        say(f"making {1 + scale.others} organisations, about {scale.results:,} results; once a month …")
    for slug in [SLUG, *(f"beside-{n}" for n in range(1, scale.others + 1))]:
        if slug not in there:
            contracts = scale.contracts if slug == SLUG else scale.contracts_of_others
            size = world.Size(contracts, LEVELS, MONTHS + 1, begins, max(contracts // 3, 1))
            with transaction.atomic(using="owner"), connections["owner"].cursor() as owner:
                organisation = world.build(owner, slug, size)
                owner.execute(RUNNING, {"organisation": organisation, "month": this_month})
            say(f"  {slug}: {contracts} contracts")
    _people()
    for number, slug in Organisation.objects.order_by("pk").values_list("pk", "slug"):
        _catch_up(number, slug, say)


def _forget_unless(begins: date) -> None:
    """Empty the database of a world that began in another month: pages look at the last months."""
    with connections["owner"].cursor() as owner:
        owner.execute("SELECT min(starts_on) FROM contracts_contract")
        if owner.fetchone()[0] not in (None, begins):
            owner.execute(
                "SET session_replication_role = replica; TRUNCATE organisations_organisation, organisations_user CASCADE"
            )
            owner.execute("SET session_replication_role = origin")


# The month that runs has no figures yet, and of the one before it a fifth of the contracts wait for a decision.
RUNNING = """
DELETE FROM measurements_figure WHERE organisation_id = %(organisation)s
    AND submission_id IN (SELECT id FROM measurements_submission WHERE organisation_id = %(organisation)s AND month = %(month)s);
DELETE FROM measurements_reportedperiod WHERE organisation_id = %(organisation)s
    AND submission_id IN (SELECT id FROM measurements_submission WHERE organisation_id = %(organisation)s AND month = %(month)s);
DELETE FROM measurements_submission WHERE organisation_id = %(organisation)s AND month = %(month)s;
UPDATE measurements_submission SET status = 'submitted', decided_at = NULL, decided_by_name = '', submitted_at = now() - interval '2 days'
WHERE organisation_id = %(organisation)s AND month = %(month)s::date - interval '1 month' AND contract_id %% 5 = 0
"""


def _people() -> None:
    """An account manager, who is of the client, and the manager of its first vendor."""
    firm = Organisation.objects.get(slug=SLUG)
    if Membership.unscoped.filter(organisation=firm).exists():
        return
    names = {MANAGER: "Marco", REPORTER: "Vera"}
    users = {email: _user(email, name) for email, name in names.items()}
    with open_scope(organisation_id=firm.pk):
        add_member(by=None, user=users[MANAGER], role=Role.ACCOUNT_MANAGER)
        vendor = Vendor.objects.order_by("pk").first()
        add_member(by=None, user=users[REPORTER], role=Role.VENDOR_MANAGER, vendor=vendor)


def _user(email: str, name: str) -> User:
    return User.objects.filter(email=email).first() or create_user(email=email, name=name, password=None)


def _catch_up(organisation: int, slug: str, say: Callable[[str], object]) -> None:
    """Judge, score, open breaches and post credits, two workers at a time, until nothing is due."""

    def until_done(act: Callable[[], int]) -> int:
        done, count = 1, 0
        while done:
            with open_scope(organisation_id=organisation):
                done = act()
            count += done
        connection.close()
        return count

    def judge() -> int:
        return evaluation.actions.judge_due(now=timezone.now())

    def score() -> int:
        return scorecards.actions.build_due(now=timezone.now())

    count = 0
    for act in (judge, score):
        with ThreadPoolExecutor(2) as pool:
            count += sum(pool.map(until_done, [act, act]))
    for once in (breaches.actions.open_due, credits.actions.post_due):
        with open_scope(organisation_id=organisation):
            count += once(now=timezone.now())
    if count:
        say(f"  {slug} judged")
        with connections["owner"].cursor() as owner:
            for table in TOUCHED:
                owner.execute(f"VACUUM ANALYZE {table}")


def _months_before(month: date, count: int) -> date:
    at = month.year * 12 + month.month - 1 - count
    return date(at // 12, at % 12 + 1, 1)


def rows(sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
    """What the owner finds in the large organisation, whose id is the statement's first value."""
    with connections["owner"].cursor() as owner:
        owner.execute(sql, [Organisation.objects.get(slug=SLUG).pk, *values])
        yield from owner.fetchall()
