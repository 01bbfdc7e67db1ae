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
    InternalNote,
    NoteFile,
    PlanProposal,
    PlanStep,
    ThreadEntry,
    ThreadFile,
)
from breaches.querysets import said_about
from breaches.rules import Status
from breaches.rules.plans import EntryKind, PlanStatus, Progress
from evaluation.models import PastResult
from files.models import StoredFile
from lib.json_rows import instances
from lib.templatetags.dates import as_day, format_day
from organisations.models import Membership

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
    """A breach's plan as its page shows it. `proposal` is the latest edition, `steps` its steps with what was reported."""

    plan: CorrectivePlan
    proposal: PlanProposal | None
    steps: list[PlanStep]
    shared: list[Breach]
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
    shared = list(plan.breaches.exclude(pk=breach.pk).with_names())
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
    if breach.acknowledged_at is None:
        rest = [Stage("Acknowledged", "by an account manager", "next"), Stage("Plan", "where one is asked for", "next")]
        return [opened._replace(state="now"), *rest, Stage("Verified", "by later periods", "next")]
    known = Stage("Acknowledged", f"{format_day(as_day(breach.acknowledged_at))}, {who}", "done")
    if breach.status == Status.CLOSED:
        return [opened, known, Stage("Closed", "without verification", "done")]
    if card is None:
        here = known._replace(state="now")
        return [
            opened,
            here,
            Stage("Plan", "where one is asked for", "next"),
            Stage("Verified", "by later periods", "next"),
        ]
    return [opened, known, *_plan_stages(breach, card)]


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


def thread(breach: Breach, past: Iterable[PastResult], member: Membership) -> list[Line]:
    """All that happened and was said, in its order. One statement."""
    client = member.organisation.name
    lines = [Line(breach.opened_at, "", "", "Breach opened", "breach")]
    if breach.acknowledged_at:
        lines.append(Line(breach.acknowledged_at, breach.acknowledged_by_name, breach.note, "acknowledged it", "info"))
    lines += [Line(one.restated_at, "", one.restated_because, "Result restated", "info") for one in past]
    said = said_about(breach.pk, notes=not member.is_vendor)
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
    return sorted(lines, key=lambda line: line.at)


def _by(files: Iterable[StoredFile], key: str) -> dict[int, list[StoredFile]]:
    found = defaultdict(list)
    for one in files:
        found[getattr(one, key)].append(one)
    return found


def counted(lines: list[Line]) -> dict[str, Any]:
    """How much was said, for the head of the thread."""
    said = [line for line in lines if not line.what]
    return {"messages": len(said), "internal": sum(line.internal for line in said)}
