"""The story of a breach for its page: where it stands, its plan, and its thread."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from breaches.actions.verification import progress_of
from breaches.models import (
    Breach,
    CorrectivePlan,
    Escalation,
    Excusal,
    InternalNote,
    NoteFile,
    PlanProposal,
    PlanStep,
    ThreadEntry,
    ThreadFile,
)
from breaches.querysets import Said
from breaches.rules import Status
from breaches.rules.excusals import Ending, ExcusalStatus
from breaches.rules.plans import EntryKind, PlanStatus, Progress
from breaches.wording import format_period
from evaluation.models import PastResult
from files.models import StoredFile
from lib.json_rows import instances
from lib.templatetags.dates import as_day, format_day
from organisations.models import Membership

ANSWERS: dict[str, str] = {ExcusalStatus.AGREED: "agreed to", ExcusalStatus.DECLINED: "declined"}
FAMILY = 12  # of a service level's other breaches that a page shows
LOOKS = {
    EntryKind.ACCEPTED: "met",
    EntryKind.DONE: "met",
    EntryKind.VERIFIED: "met",
    EntryKind.SENT_BACK: "risk",
    EntryKind.REOPENED: "breach",
    EntryKind.OPENED_AGAIN: "risk",
}


class Stage(NamedTuple):
    """A station on the way to the verified end. `state`: done, now or next."""

    word: str
    detail: str
    state: str


class Line(NamedTuple):
    """A line of the thread. `look` is set for what happened, and empty for what was said."""

    at: datetime
    who: str
    text: str
    what: str = ""
    look: str = ""
    side: str = ""
    internal: bool = False
    own: bool = False
    files: Sequence[StoredFile] = ()
    cause: str = ""


@dataclass
class PlanCard:
    """A breach's plan as its page shows it. `proposal` is the latest edition, `steps` its steps with what was
    reported, `shared` the other breaches that it is for, each with its period in words."""

    plan: CorrectivePlan
    proposal: PlanProposal | None
    steps: list[PlanStep]
    shared: list[tuple[Breach, str]]
    progress: Progress
    today: date

    @property
    def waits(self) -> bool:
        """The client has to decide."""
        proposed = self.proposal.revision if self.proposal else 0
        return proposed > self.plan.decided_revision and not self.over

    @property
    def wanted(self) -> bool:
        """The vendor has to send an edition."""
        return self.plan.status in (PlanStatus.ASKED, PlanStatus.REOPENED) and not self.waits

    @property
    def late(self) -> bool:
        return self.wanted and self.plan.due_on < self.today

    @property
    def sent_back(self) -> bool:
        return self.wanted and self.plan.status == PlanStatus.ASKED and self.plan.decided_revision > 0

    @property
    def under_way(self) -> bool:
        return self.plan.status == PlanStatus.ACCEPTED

    @property
    def over(self) -> bool:
        return self.plan.status in (PlanStatus.VERIFIED, PlanStatus.WITHDRAWN)

    @property
    def dated(self) -> list[PlanStep]:
        return [step for step in self.steps if step.due_on]

    @property
    def done(self) -> int:
        return sum(bool(step.done) for step in self.dated)

    @property
    def overdue(self) -> list[PlanStep]:
        return [step for step in self.dated if not step.done and self.is_past(step)] if self.under_way else []

    def is_past(self, step: PlanStep) -> bool:
        return step.due_on is not None and step.due_on < self.today


def plan_card(breach: Breach, now: datetime) -> PlanCard | None:
    """The plan of a breach, of which `plan` was loaded with it. Three statements; none without a plan."""
    plan = breach.plan
    if plan is None:
        return None
    last = plan.proposals.order_by("-revision").values("pk")[:1]
    steps = list(PlanStep.objects.filter(proposal=last).select_related("proposal").with_reports())
    others = plan.breaches.exclude(pk=breach.pk).with_names()
    shared = [
        (other, format_period(other.period.cycle, other.period.starts_on, other.period.ends_on)) for other in others
    ]
    proposal = steps[0].proposal if steps else None
    reached = progress_of([breach]) if plan.status == PlanStatus.ACCEPTED else {}
    return PlanCard(
        plan, proposal, steps, shared, reached.get(breach.pk, Progress(0, None, ())), breach.contract.day(now)
    )


def stages(breach: Breach, card: PlanCard | None) -> list[Stage]:
    """The life of a breach in at most six stations. Empty where it was restated: nothing has to be done."""
    if breach.status == Status.RESTATED:
        return []
    opened = Stage("Open", format_day(as_day(breach.opened_at)), "done")
    who = breach.acknowledged_by_name
    at = breach.acknowledged_at
    known = [Stage("Acknowledged", f"{format_day(as_day(at))}, {who}", "done")] if at else []
    # What is over is over, also where nobody acknowledged it before: what is on record from earlier, or was excused at once.
    if breach.status == Status.CLOSED:
        return [opened, *known, Stage("Closed", "without verification", "done")]
    if breach.status in (Status.EXCUSED, Status.WAIVED):
        return [opened, *known, Stage(breach.get_status_display(), "with a reason", "done")]
    if not known:
        rest = [Stage("Acknowledged", "by an account manager", "next"), Stage("Plan", "where one is asked for", "next")]
        return [opened._replace(state="now"), *rest, Stage("Verified", "by later periods", "next")]
    if card is None:
        here = known[0]._replace(state="now")
        return [
            opened,
            here,
            Stage("Plan", "where one is asked for", "next"),
            Stage("Verified", "by later periods", "next"),
        ]
    return [opened, *known, *_plan_stages(breach, card)]


def _plan_stages(breach: Breach, card: PlanCard) -> list[Stage]:
    plan = card.plan
    after = f"after {plan.verify_after} periods met"
    asked = Stage("Plan asked for", f"{format_day(as_day(plan.asked_at))}, by {format_day(plan.due_on)}", "done")
    if breach.status == Status.VERIFIED:
        accepted = format_day(as_day(plan.decided_at)) if plan.decided_at else ""
        return [
            asked,
            Stage("Plan accepted", accepted, "done"),
            Stage("Verified", f"{plan.verify_after} periods met", "done"),
        ]
    if plan.status == PlanStatus.ACCEPTED:
        accepted = format_day(as_day(plan.decided_at)) if plan.decided_at else ""
        met = min(card.progress.met, plan.verify_after)
        now = Stage(f"Verifying, {met} of {plan.verify_after}", _what_counts(card), "now")
        return [asked, Stage("Plan accepted", accepted, "done"), now, Stage("Verified", after, "next")]
    if card.waits and card.proposal:
        sent = Stage(
            "Plan to decide on", f"sent {format_day(as_day(card.proposal.at))} by {card.proposal.by_name}", "now"
        )
        return [asked, sent, Stage("Verified", after, "next")]
    if plan.status == PlanStatus.REOPENED:
        return [asked, Stage("Failed again", "a new plan is needed", "now"), Stage("Verified", after, "next")]
    rest = [Stage("Plan accepted", "", "next"), Stage("Verified", after, "next")]
    return [asked._replace(state="now", word="Plan sent back" if card.sent_back else "Plan asked for"), *rest]


def _what_counts(card: PlanCard) -> str:
    if card.progress.met >= card.plan.verify_after and card.done < len(card.dated):
        return f"waits for {len(card.dated) - card.done} of the steps"
    return f"periods that begin after {format_day(card.plan.counts_from)}" if card.plan.counts_from else ""


def thread(breach: Breach, past: Iterable[PastResult], member: Membership, said: Said) -> list[Line]:
    """All that happened and was said, in its order."""
    client = member.organisation.name
    lines = [Line(breach.opened_at, "", "", "Breach opened", "breach")]
    if breach.acknowledged_at:
        lines.append(Line(breach.acknowledged_at, breach.acknowledged_by_name, breach.note, "acknowledged it", "info"))
    lines += [Line(one.restated_at, "", one.restated_because, "Result restated", "info") for one in past]
    files, note_files = (
        _by(instances(ThreadFile, said.files), "entry_id"),
        _by(instances(NoteFile, said.note_files), "note_id"),
    )
    for entry in instances(ThreadEntry, said.entries):
        given: dict[str, Any] = {
            "side": breach.vendor.name if entry.from_vendor else client,
            "files": files[entry.pk],
            "cause": entry.get_cause_display() if entry.cause else "",
        }
        if entry.kind == EntryKind.MESSAGE:
            lines.append(Line(entry.at, entry.by_name, entry.text, own=entry.from_vendor == member.is_vendor, **given))
        else:
            look = LOOKS.get(EntryKind(entry.kind), "info")
            lines.append(Line(entry.at, entry.by_name, entry.text, entry.get_kind_display(), look, **given))
    lines += [
        Line(one.at, one.by_name, one.text, side=client, internal=True, own=True, files=note_files[one.pk])
        for one in instances(InternalNote, said.notes)
    ]
    lines += [
        Line(one.reached_at, "", one.told, f"Nobody had acknowledged it, {one.name.lower()} was told", "late", client)
        for one in instances(Escalation, said.rungs)
        if one.reached_at
    ]
    for one in instances(Excusal, said.excusals):
        lines += _proposed(one, client)
    return sorted(lines, key=lambda line: line.at)


def _proposed(one: Excusal, client: str) -> list[Line]:
    """What came of an excuse or a waiver on the client's side; that the breach ended by it stands among the entries."""
    word = "an excuse" if one.ending == Ending.EXCUSED else "a waiver"
    lines = []
    if one.status != ExcusalStatus.ALONE:
        lines.append(Line(one.proposed_at, one.proposed_by_name, one.reason, f"proposed {word}", "info", client))
    if one.decided_at:
        what = ANSWERS.get(one.status, "took back")
        lines.append(Line(one.decided_at, one.decided_by_name, one.answer, f"{what} {word}", "info", client))
    return lines


@dataclass(frozen=True)
class Family:
    """The other breaches of a service level, the latest first. `more`: there are others yet."""

    rows: list[tuple[Breach, str]]  # with the period in words
    more: bool


def family_of(said: Said) -> Family:
    rows = []
    for one in instances(Breach, said.family):
        slice_ = vars(one)
        days = (date.fromisoformat(slice_[name]) for name in ("first_day", "last_day"))
        rows.append((one, format_period(slice_["cycle"], *days)))
    return Family(rows[:FAMILY], len(rows) > FAMILY)


def _by(files: Iterable[StoredFile], key: str) -> dict[int, list[StoredFile]]:
    found = defaultdict(list)
    for one in files:
        found[getattr(one, key)].append(one)
    return found


def counted(lines: list[Line]) -> dict[str, Any]:
    """How much was said, for the head of the thread."""
    said = [line for line in lines if not line.what]
    return {"messages": len(said), "internal": sum(line.internal for line in said)}
