"""Handing a month's figures over: until when, what was declared, and where they stand since."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lib.templatetags.dates import format_day, format_due, format_moment
from lib.texts import format_checksum
from measurements.models import Step, Submission
from measurements.rules import Status, StepKind
from reporting.pages.submission_sheet import Sheet
from reporting.querysets import MonthReport, first_sent_at

UNITS = ((1440, "day"), (60, "hour"), (1, "minute"))


class Stage(NamedTuple):
    """A station of a submission's life. `state`: done, now or next."""

    word: str
    detail: str
    state: str


@dataclass(frozen=True)
class Receipt:
    """What was handed over last: by whom, when, and what was declared. `checksum` is of the figures as they were then."""

    reference: str
    by: str
    at: datetime
    declaration: str
    checksum: str
    lateness: str

    @property
    def short_checksum(self) -> str:
        """Enough of it to be compared by eye: 4b1e 97c0 2d6a."""
        return format_checksum(self.checksum)


def decide_by_of(submission: Submission, sheet: Sheet, accept_after: int | None) -> date | None:
    """The last day before waiting figures are accepted by themselves; None where they wait for a decision, or for nothing. `accept_after`:
    what the organisation does where the contract says nothing."""
    if submission.status != Status.SUBMITTED or submission.submitted_at is None:
        return None
    ends_on = max((one.period.ends_on for one in sheet.rows if one.figures), default=None)
    return submission.contract.last_day_to_decide(submission.submitted_at, ends_on, accept_after)


def receipt_of(submission: Submission, found: MonthReport, due_on: date | None) -> Receipt | None:
    """The receipt of the last time that it was handed over; None where it never was, was withdrawn, or its figures were changed since."""
    step = next((one for one in found.steps if one.kind == StepKind.SUBMITTED), None)
    if step is None or submission.submitted_at is None or _changed(submission):
        return None
    return Receipt(
        submission.reference,
        step.by_name,
        step.at,
        step.declaration,
        step.checksum,
        _lateness(submission, found, step, due_on),
    )


def _changed(submission: Submission) -> bool:
    """Whether somebody wrote its figures after they were handed over."""
    if submission.status not in (Status.DRAFT, Status.RETURNED):
        return False
    return submission.saved_at is not None and submission.saved_at > (submission.decided_at or submission.saved_at)


def _lateness(submission: Submission, found: MonthReport, step: Step, due_on: date | None) -> str:
    """By the contract's clock: of the first time, or after a return of the last one; a correction is not late."""
    zone = submission.contract.timezone
    if submission.due_again_on is not None:
        return describe_lateness(step.at, submission.due_again_on, zone)
    first = first_sent_at(submission, found.steps)
    if submission.revision > 1 or due_on is None or first is None:
        return ""
    return describe_lateness(first, due_on, zone)


def due_until(due_on: date, zone: str) -> datetime:
    """The first moment at which figures are late: the end of their due day by the contract's clock."""
    return datetime.combine(due_on + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def describe_lateness(at: datetime, due_on: date, zone: str) -> str:
    """ "14 hours 18 minutes before they were due", "1 day 3 hours late"; minutes that are begun count for lateness."""
    seconds = int((due_until(due_on, zone) - at).total_seconds())
    if seconds > 0:
        return f"{format_span(seconds // 60)} before they were due"
    return f"{format_span(-seconds // 60 + 1)} late"


def format_span(minutes: int) -> str:
    """The two largest units of it: 2 days 3 hours, 45 minutes."""
    parts = []
    for size, name in UNITS:
        count, minutes = divmod(minutes, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "less than a minute"


def describe_time_left(now: datetime, due_on: date, zone: str) -> str:
    """ "Due Fri 13 Nov 2026, 23:59, in 14 hours 18 minutes", "Was due Fri 13 Nov 2026, 23:59, 2 minutes ago: it is marked late"."""
    seconds = int((due_until(due_on, zone) - now).total_seconds())
    day = f"{format_due(due_on, zone)}, 23:59 by the contract’s clock"
    if seconds > 0:
        return f"Due {day}, in {format_span(seconds // 60)}."
    return f"Was due {day}, {format_span(-seconds // 60 + 1)} ago. You can still submit; it is marked late."


def stages(
    submission: Submission, receipt: Receipt, client: str, decide_by: date | None, published_at: datetime | None
) -> list[Stage]:
    """Submitted, with the client, accepted, published."""
    sent = Stage(
        "Submitted",
        ", ".join(part for part in (format_moment(receipt.at, weekday=False), receipt.lateness) if part),
        "done",
    )
    published = Stage("Scorecard published", "it can be accepted or disputed", "next")
    if submission.status == Status.SUBMITTED:
        by_itself = f"by itself after {format_day(decide_by, weekday=True)}" if decide_by else "once it is decided"
        return [
            sent,
            Stage(f"With {client}", "accepts or returns", "now"),
            Stage("Accepted", by_itself, "next"),
            published,
        ]
    decided = format_moment(submission.decided_at, weekday=False) if submission.decided_at else ""
    if submission.status == Status.RETURNED:
        return [
            sent,
            Stage("Returned", decided, "now"),
            Stage("Accepted", "after it is submitted again", "next"),
            published,
        ]
    who = f"by {submission.decided_by_name}, {decided}" if submission.decided_by_name else f"by itself, {decided}"
    accepted = Stage("Accepted", who, "done")
    if published_at is None:
        return [sent, accepted, Stage("To be published", f"{client} publishes the scorecard", "now")]
    return [sent, accepted, Stage("Scorecard published", format_moment(published_at, weekday=False), "done")]
