"""What else people have to know: figures that are late, wait, came back or were accepted, rules that hold, waivers to decide on.

Each kind is found by a query for what happened lately and was not announced; the query is in breaches/sql.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from breaches.actions.audience import Audience
from breaches.actions.excusal_alerts import tell_excusal
from breaches.rules import LATELY, NEWS_MONTHS
from breaches.rules.consequences import FOLLOWS
from breaches.rules.plans import EntryKind
from breaches.wording import format_parts, format_quotation
from contracts.models import Contract
from contracts.rules import ExtensionStatus
from credits.rules import ClaimStatus, WaiverStatus
from disputes.rules import HearingKind
from evaluation.follow_up import judged_since, note_seen
from evaluation.rules import SAID_TO_VENDOR
from explanations.words import format_money
from lib.templatetags.dates import format_deadline, format_moment, month_name
from lib.texts import format_checksum
from measurements.models import Submission
from measurements.rules import Status as SubmissionStatus
from notifications.actions import mark_decided, publish_events
from notifications.rules import NewEvent
from organisations.rules import PERMISSIONS, STAFF_ROLES, Role
from organisations.scope import current_organisation_id

SQL = Path(__file__).parent.parent / "sql"
STEP = "alert"
LIMIT = 500  # of each kind in memory at a time; the rest is found by the next run, a minute later
Tell = Callable[[Any, Audience], NewEvent]

CONTRACT_OWNERS = (Role.ACCOUNT_MANAGER, Role.PROCUREMENT)


@transaction.atomic
def alert_due(*, now: datetime) -> int:
    """Announce what happened in the organisation in scope and was not announced. Returns how many events; 0 the second time.

    What was announced as waiting for a decision and does not wait any more is marked so. Seventeen statements where there is nothing to
    tell; with news four more and one for each kind.
    """
    parameters: dict[str, Any] = {"organisation": current_organisation_id(), "now": now, "since": now - LATELY}
    judged = judged_since(STEP, now=now)
    parameters |= {"news_months": NEWS_MONTHS, "limit": LIMIT, "contracts": list(judged)}
    parameters["said_to_vendor"] = list(SAID_TO_VENDOR)
    if decided := [row.id for row in _rows("decided", parameters)]:
        mark_decided(events=decided, at=now)
    found: list[tuple[Tell, Any]] = []
    rest = False
    for name, tell in KINDS.items():
        rows = _rows(name, parameters)
        rest |= len(rows) == LIMIT
        found += [(tell, row) for row in rows]
    if not rest:  # else the same contracts are looked at again
        note_seen(STEP, judged)
    if not found:
        return 0
    if withdrawn := [row.event for tell, row in found if tell is _rule_withdrawn]:
        mark_decided(events=withdrawn, at=now)  # what was not read or sent yet need not be
    audience = Audience({row.contract_id for _, row in found}, now)
    return publish_events([tell(row, audience) for tell, row in found], now=now)


def _rows(name: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(), parameters)
        columns = [column.name for column in cursor.description]
        return [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]


def _staff_who_may(action: str) -> list[Role]:
    return sorted(PERMISSIONS[action] & STAFF_ROLES)


def _late(row: Any, audience: Audience) -> NewEvent:
    levels = "1 service level" if row.expected == 1 else f"{row.expected} service levels"
    missing = levels if row.missing == row.expected else f"{row.missing} of {levels}"
    return NewEvent(
        key=row.key,
        kind="late",
        title=f"{month_name(row.month)} figures late",
        detail=format_parts(
            row.vendor, row.reference, f"{missing} not reported, due {format_deadline(row.due_on, row.timezone)}"
        ),
        path=f"contracts/{row.contract_id}/{row.month:%Y-%m}/",
        members=audience.both(row.contract_id, row.vendor_id),
        vendor_id=row.vendor_id,
        letter=row.lived,  # of a month from before the contract came in nobody is written to; it stands in the inbox
    )


def _rule(row: Any, audience: Audience) -> NewEvent:
    """To the client with the item to decide about, to the vendor with what the rule says: those are two notices."""
    about, month = (row.reference, row.service_level, month_name(row.month)), f"{row.month:%Y-%m}"
    given: dict[str, Any] = {"key": row.key, "kind": "rule", "title": f"{FOLLOWS[row.then].name}: {row.rule}"}
    of_month = f"contracts/{row.contract_id}/{month}/rules/"
    if row.to_vendor:
        members = audience.vendor(row.contract_id, row.vendor_id)
        return NewEvent(detail=format_parts(*about), path=of_month, members=members, vendor_id=row.vendor_id, **given)
    return NewEvent(
        detail=format_parts(row.vendor, *about),
        path=f"triggered/{row.item}/" if row.item else of_month,
        members=audience.staff(row.contract_id, CONTRACT_OWNERS),
        critical=row.then == "termination_right",
        **given,
    )


def _rule_withdrawn(row: Any, audience: Audience) -> NewEvent:
    """A right, or what else a rule says, that was announced and is none any more: to those who were told of it."""
    return NewEvent(
        key=row.key,
        kind="rule_withdrawn",
        title=f"Withdrawn: {row.title}",
        detail=format_parts(row.detail, "does not hold after a correction"),
        path=row.path,
        members=tuple(row.members),
        vendor_id=row.vendor_id,
    )


def _right_ending(row: Any, audience: Audience) -> NewEvent:
    """A right that nobody has decided about, some days before it ends."""
    until = format_deadline(row.usable_until, row.timezone)
    return NewEvent(
        key=row.key,
        kind="rule",
        title=f"{FOLLOWS[row.then].name} ends on {until}: {row.rule}",
        detail=format_parts(row.vendor, row.reference, "not decided yet"),
        path=f"triggered/{row.id}/",
        members=audience.staff(row.contract_id, CONTRACT_OWNERS),
    )


def _submission(row: Any, audience: Audience) -> NewEvent:
    """Waiting: to the account manager who may decide. Returned or accepted: to the vendor's contact and whoever submitted it."""
    month, revision = month_name(row.month), f"revision {row.revision}" if row.revision > 1 else ""
    given: dict[str, Any] = {"key": row.key, "path": f"submissions/{row.id}/"}
    if row.status == "submitted":
        by = f"submitted by {row.who}" if row.who else ""
        detail = format_parts(
            row.vendor, row.reference, revision, by, _accepts_itself(row), format_quotation(row.reason)
        )
        members = audience.staff(row.contract_id, _staff_who_may("submission.decide"), but=row.submitted_by_id)
        return NewEvent(kind="approval", title=f"{month} figures to accept", detail=detail, members=members, **given)
    submitter = () if row.submitted_by_id is None else (row.submitted_by_id,)
    given |= {"members": audience.vendor(row.contract_id, row.vendor_id) + submitter, "vendor_id": row.vendor_id}
    if row.status == "returned":
        by = f"returned by {row.who}" if row.who else ""
        due = f"due again {format_deadline(row.due_again_on, row.timezone)}" if row.due_again_on else ""
        detail = format_parts(row.reference, revision, by, due, format_quotation(row.reason))
        return NewEvent(kind="returned", title=f"{month} figures returned", detail=detail, **given)
    by = f"accepted by {row.who}" if row.who else ""
    return NewEvent(
        kind="accepted", title=f"{month} figures accepted", detail=format_parts(row.reference, revision, by), **given
    )


def _accepts_itself(row: Any) -> str:
    """What becomes of figures that nobody decides on, where their contract says that they are accepted then."""
    contract = Contract(timezone=row.timezone, calendar=json.loads(row.calendar), accept_after=row.accept_after)
    last = contract.last_day_to_decide(row.submitted_at, row.ends_on)
    return f"accepted by itself after {format_deadline(last, row.timezone)}" if last else ""


def _return_overdue(row: Any, audience: Audience) -> NewEvent:
    """They were handed over once, so they are not late: what did not come is what was to be put right."""
    return NewEvent(
        key=row.key,
        kind="returned",
        title=f"{month_name(row.month)} figures not submitted again",
        detail=format_parts(
            row.vendor, row.reference, f"returned, due again {format_deadline(row.due_again_on, row.timezone)}"
        ),
        path=f"submissions/{row.id}/",
        members=audience.both(row.contract_id, row.vendor_id),
        vendor_id=row.vendor_id,
    )


def _waiver(row: Any, audience: Audience) -> NewEvent:
    """Proposed: to the others who may decide. Approved or declined: to whoever proposed it."""
    title = f"Waiver of {format_money(row.amount, row.currency, row.minor_unit)}"
    about, given = (row.vendor, row.reference, month_name(row.month)), {"key": row.key}
    given["path"] = f"contracts/{row.contract_id}/credits/"
    if row.status == WaiverStatus.PROPOSED:
        members = audience.staff(row.contract_id, _staff_who_may("credit.approve_waiver"), but=row.proposed_by_id)
        detail = format_parts(*about, f"proposed by {row.proposer}")
        return NewEvent(kind="approval", title=f"{title} to decide on", detail=detail, members=members, **given)
    detail = format_parts(*about, f"{row.status} by {row.decider}", format_quotation(row.decline_reason))
    return NewEvent(
        kind="decided", title=f"{title} {row.status}", detail=detail, members=(row.proposed_by_id,), **given
    )


def _claim(row: Any, audience: Audience) -> NewEvent:
    """Waiting: to the others who may approve. Approved: to the vendor, with what accounts payable calls it. Declined: to who claimed."""
    money = format_money(row.amount, row.currency, row.minor_unit)
    given: dict[str, Any] = {"key": row.key, "path": f"credits/claims/{row.id}/"}
    about = (row.vendor, row.reference, month_name(row.month))
    if row.status == ClaimStatus.CLAIMED:
        members = audience.staff(row.contract_id, _staff_who_may("credit.approve_claim"), but=row.claimed_by_id)
        detail = format_parts(*about, f"claimed by {row.claimed_by_name}")
        return NewEvent(kind="approval", title=f"Claim of {money} to approve", detail=detail, members=members, **given)
    if row.status == ClaimStatus.DECLINED:
        detail = format_parts(*about, f"declined by {row.decided_by_name}", format_quotation(row.decline_reason))
        title = f"Claim of {money} declined"
        return NewEvent(kind="decided", title=title, detail=detail, members=(row.claimed_by_id,), **given)
    members = audience.vendor(row.contract_id, row.vendor_id)
    what = "credited back to you" if row.amount < 0 else "to be deducted on the next invoice"
    detail = format_parts(row.reference, month_name(row.month), f"reference {row.claim}", what)
    title = f"Service credit of {money} claimed"
    return NewEvent(kind="decided", title=title, detail=detail, members=members, vendor_id=row.vendor_id, **given)


def _lapsing(row: Any, audience: Audience) -> NewEvent:
    money = format_money(row.amount, row.currency, row.minor_unit)
    return NewEvent(
        key=row.key,
        kind="reminder",
        title=f"Credit of {money} lapses after {format_deadline(row.last_day, row.timezone)}",
        detail=format_parts(row.vendor, row.reference, month_name(row.month), "not claimed yet"),
        path=f"credits/?state=claimable&contract={row.contract_id}",
        members=audience.staff(row.contract_id, CONTRACT_OWNERS),
    )


def _thread_entry(row: Any, audience: Audience) -> NewEvent:
    """A message goes to the other side; what the client decided to the vendor; what the vendor sent to whoever decides."""
    title, told = THREAD[row.kind]
    to_vendor = told == "vendor" or told == "both" or (told == "other" and not row.from_vendor)
    to_staff = told == "staff" or told == "both" or (told == "other" and row.from_vendor)
    members = audience.vendor(row.contract_id, row.vendor_id) if to_vendor else ()
    members += audience.staff(row.contract_id, but=row.by_id) if to_staff else ()
    members += tuple(member for member in row.watchers if member != row.by_id and member not in members)
    # The words of a side that is not the reader's own are quoted.
    words = format_quotation(row.text[:300]) if row.by_name else row.text
    return NewEvent(
        key=row.key,
        kind="message" if row.kind == "message" else "plan",
        title=f"{row.by_name} {title}" if row.by_name else title,
        detail=format_parts(row.vendor if to_staff or row.watchers else "", row.reference, row.service_level, words),
        path=f"breaches/{row.breach_id}/",
        members=members,
        vendor_id=row.vendor_id,
    )


# By the kind of a thread's line: what is said after the name, or alone, and who is told.
THREAD = {
    EntryKind.MESSAGE: ("wrote about a breach", "other"),
    EntryKind.ASKED: ("asks for a corrective plan", "vendor"),
    EntryKind.PROPOSED: ("sent a corrective plan to decide on", "staff"),
    EntryKind.SENT_BACK: ("sent the corrective plan back", "vendor"),
    EntryKind.ACCEPTED: ("accepted the corrective plan", "vendor"),
    EntryKind.VERIFIED: ("Breach verified", "both"),
    EntryKind.REOPENED: ("Failed again, a new corrective plan is needed", "both"),
    EntryKind.CLOSED: ("closed a breach", "vendor"),
    EntryKind.OPENED_AGAIN: ("opened a breach again", "vendor"),
    EntryKind.EXCUSED: ("excused a breach", "vendor"),
    EntryKind.WAIVED: ("waived a breach", "vendor"),
}


def _hearing_entry(row: Any, audience: Audience) -> NewEvent:
    """What the vendor asks goes to who decides, the answer to the vendor, a message to the other side, what is late to both."""
    what = "a result" if row.about == "disputes" else "relief"
    title, told = {
        HearingKind.MESSAGE: (f"{row.by_name} wrote about {HEARING[row.about]}", "other"),
        HearingKind.ASKED: (f"{row.by_name} {'disputes' if row.about == 'disputes' else 'asks for'} {what}", "staff"),
        HearingKind.RULED: (f"{row.by_name} decided on {HEARING[row.about]}", "vendor"),
        HearingKind.WITHDRAWN: (f"{row.by_name} withdrew {HEARING[row.about]}", "staff"),
        HearingKind.ESCALATED: (f"No answer in time to {HEARING[row.about]}", "both"),
    }[row.kind]
    to_vendor = told in ("vendor", "both") or (told == "other" and not row.from_vendor)
    to_staff = told in ("staff", "both") or (told == "other" and row.from_vendor)
    members = audience.vendor(row.contract_id, row.vendor_id) if to_vendor else ()
    members += audience.staff(row.contract_id, but=row.by_id) if to_staff else ()
    due = f"answer by {format_deadline(row.answer_by, row.timezone)}" if row.kind == HearingKind.ASKED else ""
    names = (row.vendor if to_staff else "", row.reference, row.service_level, month_name(row.month))
    return NewEvent(
        key=row.key,
        kind="message" if row.kind == HearingKind.MESSAGE else "hearing",
        title=title,
        detail=format_parts(*names, due, format_quotation(row.text[:300])),
        path=f"{row.about}/{row.about_id}/",
        members=members,
        vendor_id=row.vendor_id,
    )


def _extension(row: Any, audience: Audience) -> NewEvent:
    """Asked for: to the account manager. Answered: to the vendor's contact."""
    until = f"until {format_deadline(row.until, row.timezone)}"
    given: dict[str, Any] = {
        "key": row.key,
        "kind": "hearing",
        "path": f"extensions/{row.id}/",
        "vendor_id": row.vendor_id,
    }
    if row.status == ExtensionStatus.OPEN:
        detail = format_parts(row.vendor, row.reference, until, format_quotation(row.reason))
        title = f"More time asked for: {month_name(row.month)} figures"
        return NewEvent(title=title, detail=detail, members=audience.staff(row.contract_id), **given)
    word = "granted" if row.status == ExtensionStatus.GRANTED else "refused"
    words = row.reason if row.unasked else row.answer
    detail = format_parts(row.reference, until, f"{word} by {row.decided_by_name}", format_quotation(words))
    members = audience.vendor(row.contract_id, row.vendor_id)
    return NewEvent(title=f"More time {word}: {month_name(row.month)} figures", detail=detail, members=members, **given)


HEARING = {"disputes": "a dispute", "relief": "a request for relief"}


def _plan_overdue(row: Any, audience: Audience) -> NewEvent:
    return NewEvent(
        key=row.key,
        kind="plan",
        title="Corrective plan overdue",
        detail=format_parts(row.vendor, row.reference, f"due {format_deadline(row.due_on, row.timezone)}"),
        path=f"breaches/{row.breach_id}/",
        members=audience.both(row.contract_id, row.vendor_id),
        vendor_id=row.vendor_id,
    )


def _receipt(row: Any, audience: Audience) -> NewEvent:
    """To whoever submitted figures and to the vendor's contact: by which number, when, and what becomes of them."""
    reference = Submission(pk=row.submission_id, month=row.month).reference
    with timezone.override(row.timezone):
        at = format_moment(row.at)
    by_itself = _accepts_itself(row) if row.status == SubmissionStatus.SUBMITTED else ""
    checksum = f"checksum {format_checksum(row.checksum)}" if row.checksum else ""
    return NewEvent(
        key=row.key,
        kind="receipt",
        title=f"Receipt {reference}: {month_name(row.month)} figures submitted",
        detail=format_parts(row.reference, f"by {row.by_name}, {at}", by_itself, checksum),
        path=f"submissions/{row.submission_id}/",
        members=tuple(dict.fromkeys((row.by_id, *audience.vendor(row.contract_id, row.vendor_id)))),
        vendor_id=row.vendor_id,
    )


KINDS: dict[str, Tell] = {
    "late_figures": _late,
    "rules_that_hold": _rule,
    "rules_withdrawn": _rule_withdrawn,
    "rights_ending": _right_ending,
    "submissions": _submission,
    "receipts": _receipt,
    "returns_overdue": _return_overdue,
    "waiver_proposals": _waiver,
    "excusals": tell_excusal,
    "claims": _claim,
    "credits_lapsing": _lapsing,
    "thread_entries": _thread_entry,
    "hearing_entries": _hearing_entry,
    "extensions": _extension,
    "plans_overdue": _plan_overdue,
}
# Whether there is anything to tell that does not come from a judgement.
ARE_DUE = tuple(
    f"EXISTS (\n{(SQL / f'{name}.sql').read_text()})"
    for name in ["decided", *KINDS]
    if name not in ("rules_that_hold", "rules_withdrawn", "credits_lapsing")
)
