"""What the figures of a submission were judged as, and which contracts have what to report."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Model, Subquery

from audit.models import Entry
from breaches.rules import LIVE as BREACH_LIVE
from contracts.models import Contract, Period
from evaluation.models import PastResult, Result
from kras.models import Kra
from lib.json_rows import instances
from measurements.figures_file.columns import NUMBERS
from measurements.models import Evidence, Figure, Step, Submission
from measurements.plausibility import SeenElsewhere
from measurements.querysets import MONTH_STATES
from measurements.rules import Status, StepKind
from organisations import kept_plans
from organisations.models import Membership, Vendor
from slas.models import Alignment

Slot = tuple[int, int]  # service level, period
SAID = ("part", *NUMBERS)  # what a figure says in words
SQL = Path(__file__).parent / "sql"
SUBMISSIONS = "WITH " + MONTH_STATES + ",\n\n" + (SQL / "submissions.sql").read_text()


def replaced_results(submission: Submission) -> dict[Slot, PastResult]:
    """Of each slot of a superseded submission's month the judgement that held until the next revision was accepted, where it is another
    than the one that holds now. One statement."""
    later = Submission.objects.filter(
        contract=submission.contract_id, month=submission.month, revision__gt=submission.revision
    )
    # A draft, or one that was returned without being accepted first, put nothing in its place.
    accepted = later.filter(status__in=(Status.ACCEPTED, Status.SUPERSEDED), decided_at__isnull=False).order_by(
        "decided_at"
    )
    past = PastResult.objects.filter(
        contract=submission.contract_id,
        month=submission.month,
        restated_at__gte=Subquery(accepted.values("decided_at")[:1]),
    )
    first = past.order_by("service_level_id", "starts_on", "revision").distinct("service_level_id", "starts_on")
    return {(one.service_level_id, one.period_id): one for one in first.defer("trace")}


def first_sent_at(submission: Submission, steps: Iterable[Step]) -> datetime | None:
    """When a submission was first submitted, where it was returned since; else when it was submitted. `steps` are its own."""
    taken = list(steps)
    if not any(one.kind == StepKind.RETURNED for one in taken):
        return submission.submitted_at
    return min((one.at for one in taken if one.kind == StepKind.SUBMITTED), default=submission.submitted_at)


@dataclass(frozen=True)
class MonthReport:
    """What there is to a submission's month besides figures' judgements: short lists, each in its order."""

    steps: list[Step]  # of the submission, the newest first
    revisions: list[Submission]
    periods: list[Period]  # that end in the month
    kras: list[Kra]
    alignments: list[Alignment]
    evidence: list[Evidence]
    figures: list[Figure]  # of the submission and of the revision before it
    results: list[Result]  # of the month
    previous: list[Result]  # of each service level the last one before it
    # Of revisions before it, as far as nothing replaced it.
    earlier_evidence: list[Evidence] = field(default_factory=list)
    published_at: datetime | None = None  # the month, for the first time
    past: str = ""  # what the figures' series look back on, as a text that changes with it; empty where nobody asked

    def figures_of(self, submission: Submission) -> dict[Slot, list[Figure]]:
        """Its figures by service level and period."""
        return self._figures(submission.pk)

    def former_figures(self, submission: Submission) -> dict[Slot, list[Figure]]:
        """Those of the revision before it."""
        former = [one.pk for one in self.revisions if one.revision < submission.revision]
        return self._figures(former[-1]) if former else {}

    def _figures(self, submission_id: int) -> dict[Slot, list[Figure]]:
        found: dict[Slot, list[Figure]] = defaultdict(list)
        for one in self.figures:
            if one.submission_id == submission_id:
                found[one.service_level_id, one.period_id].append(one)
        return found

    def handed_over_at(self, submission: Submission) -> datetime | None:
        """When it was submitted last, also where it was withdrawn since."""
        sent = [one.at for one in self.steps if one.kind == StepKind.SUBMITTED]
        return max([*sent, *([submission.submitted_at] if submission.submitted_at else [])], default=None)


def seen_in(evidence: Evidence) -> SeenElsewhere | None:
    """Where the same file was evidence before, as `month_report` found it."""
    seen: list[Any] | None = vars(evidence)["seen"]
    return SeenElsewhere(date.fromisoformat(seen[0]), *seen[1:]) if seen else None


def accepted_for(previous: Result) -> list[Figure]:
    """The figures that were accepted for the last result before a month, as `month_report` found it."""
    return [Figure(**{name: row[name] for name in SAID}) for row in vars(previous)["accepted"] or []]


# One row of each as a list of one, and of whom the person is who submitted it. As text: the ORM took 3 ms to build it and read it.
SUBMISSION = """
SELECT json_build_array(b)::text, json_build_array(c)::text, json_build_array(v)::text,
    (SELECT m.vendor_id FROM organisations_membership AS m WHERE m.id = b.submitted_by_id)
FROM measurements_submission AS b
JOIN contracts_contract AS c ON c.id = b.contract_id
JOIN organisations_vendor AS v ON v.id = c.vendor_id
WHERE b.id = %(submission)s
"""


def submission_with_contract(pk: int) -> Submission | None:
    """A submission with its contract and vendor, and `reporters_vendor`; None where it is not in scope. One statement."""
    if pk > BigIntegerField.MAX_BIGINT:  # an address holds any number, a statement does not
        return None
    for submission, contract, vendor, reporters_vendor in kept_plans.rows(SUBMISSION, {"submission": pk}):
        [found], [found.contract] = instances(Submission, submission), instances(Contract, contract)
        [found.contract.vendor] = instances(Vendor, vendor)
        vars(found)["reporters_vendor"] = reporters_vendor
        return found
    return None


MONTH_REPORT = (SQL / "month_report.sql").read_text()
LISTS: tuple[type[Model], ...] = (Step, Submission, Period, Kra, Alignment, Evidence, Figure, Result, Result, Evidence)


def month_report(submission: Submission) -> MonthReport:
    """One statement."""
    contract, month = submission.contract_id, submission.month
    values: dict[str, Any] = {"contract": contract, "month": month, "revision": submission.revision}
    [(published_at, *found)] = kept_plans.rows(MONTH_REPORT, values | {"submission": submission.pk})
    lists: list[Any] = [instances(model, text or "[]") for model, text in zip(LISTS, found, strict=True)]
    for step in lists[0]:
        step.submission = submission
    revisions = {one.pk: one for one in lists[1]}
    for evidence in lists[-1]:
        evidence.submission = revisions[evidence.submission_id]
    return replace(MonthReport(*lists), published_at=published_at)


SLOT_REPORT = (SQL / "slot_report.sql").read_text()
SLOT_LISTS: tuple[type[Model], ...] = (Kra, Alignment, Result)


def slot_report(
    submission: Submission, service_level: int, periods: list[Period], figures: Iterable[Figure]
) -> MonthReport:
    """What it takes to say how far a month is, and what one of its rows comes to: the rest of a month's report is left out. `periods` are
    the month's and `figures` the submission's, read already. One statement."""
    values: dict[str, Any] = {
        "contract": submission.contract_id,
        "month": submission.month,
        "service_level": service_level,
    }
    [(*found, accepted, minutes)] = kept_plans.rows(SLOT_REPORT, values)
    lists: list[Any] = [instances(model, text or "[]") for model, text in zip(SLOT_LISTS, found, strict=True)]
    kras, alignments, previous = lists
    return MonthReport(
        [], [], periods, kras, alignments, [], list(figures), [], previous, past=f"{accepted}, {minutes}"
    )


class Duty(NamedTuple):
    """What a vendor's people have to answer besides figures. `kind`: plan, breach, dispute, relief-request, revision or published."""

    kind: str
    pk: int
    about: str  # a service level, a title, or of what was published its score
    number: int  # how many breaches of a plan; of a revision or an edition which one
    contract_id: int
    month: date | None
    until: date | None  # day of the contract
    words: str


DUTIES = (SQL / "vendor_duties.sql").read_text()


def vendor_duties(today: date) -> list[Duty]:
    """Of the vendor in scope, what has a day first. `today`: the earliest day of its contracts. One statement."""
    return [Duty(*row) for row in kept_plans.rows(DUTIES, {"live": list(BREACH_LIVE), "today": today})]


class Reporting(NamedTuple):
    """The contracts that expect figures of a month: how many are in which state, how many have handed any over, and those of a page."""

    counts: Mapping[str, int]
    handed_over: int
    page: list[tuple[int, str]]  # a contract's id and its state


def reporting_of(
    month: date,
    now: datetime,
    *,
    contracts: list[int] | None,
    urgency: Sequence[str],
    state: str,
    number: int,
    shown: int,
) -> Reporting:
    """The contracts (None: all) by urgency of their state, those in `state` alone where it is given; page `number` (from 1) of `shown`
    each. One statement."""
    values: dict[str, Any] = {
        "contracts": contracts,
        "months": [month],
        "now": now,
        "urgency": list(urgency),
        "state": state,
    }
    found = kept_plans.rows(SUBMISSIONS, values | {"shown": shown, "skipped": (number - 1) * shown})
    counts, handed_over, *_ = found[0]
    return Reporting(json.loads(counts), handed_over, [(pk, name) for _, _, pk, name in found if pk is not None])


def last_writer(figures: Iterable[Figure]) -> tuple[int | None, Membership | None]:
    """Who wrote some figures last, by the trail: the id, and the member (a person, or a key) as far as the reader sees it; a vendor's
    people do not see the client's. Two statements."""
    of = Entry.objects.filter(table_name=Figure._meta.db_table, row_id__in=[one.pk for one in figures])
    actor_id = of.order_by("-pk").values_list("actor_id", flat=True).first()
    return actor_id, Membership.objects.filter(pk=actor_id).first() if actor_id else None
