"""A revision as its pages show it: where it stands, whose turn it is, what it changes with marks, and its history."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from agreements.drafting.clauses import Texts, generated
from agreements.models import Revision, RevisionEdition, RevisionStep
from agreements.proposals import readable
from agreements.rules import Status, StepKind
from contracts.contract_file import ContractFile
from slas.field_changes import FieldChange, field_changes

LOOKS = {
    Status.DRAFT: "info",
    Status.SUBMITTED: "none",
    Status.APPROVED: "none",
    Status.WITH_VENDOR: "late",
    Status.COUNTERED: "risk",
    Status.CONSENTED: "met",
    Status.IN_FORCE: "met",
    Status.DECLINED: "breach",
    Status.WITHDRAWN: "none",
    Status.LAPSED: "late",
    Status.SUPERSEDED: "risk",
}
NEXT = {
    Status.DRAFT: "Finish the draft and submit it",
    Status.SUBMITTED: "Somebody who did not write it approves it",
    Status.APPROVED: "Invite a vendor manager, then send it",
    Status.WITH_VENDOR: "The vendor answers",
    Status.COUNTERED: "Look at the vendor’s terms",
    Status.CONSENTED: "Nothing: in force by itself on its day",
    Status.DECLINED: "Change it, or withdraw it",
    Status.LAPSED: "Choose a new day, or withdraw it",
    Status.SUPERSEDED: "Bring it up to date, or withdraw it",
}
WIZARD = (
    ("revision", "Terms"),
    ("revision-impact", "Impact"),
    ("revision-reason", "Reason"),
    ("revision-approval", "Approvals"),
    ("revision-consent", "Vendor consent"),
)
# How many of the wizard's steps are behind, by where a revision stands.
DONE = {Status.DRAFT: 0, Status.SUBMITTED: 3, Status.APPROVED: 4, Status.WITH_VENDOR: 4, Status.COUNTERED: 4}
MARKS = {mark: (mark_safe(f"<{mark}>"), mark_safe(f"</{mark}>")) for mark in ("ins", "del")} | {"": ("", "")}  # noqa: S308  # two words
WORD = re.compile(r"\s+|[^\s]+")


class Run(NamedTuple):
    """A stretch of text: `mark` is "ins", "del", or "" where both say the same."""

    mark: str
    text: str


class Clause(NamedTuple):
    """One clause with what was struck out and what was written instead."""

    where: str
    text: SafeString


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    revision: Revision
    title: str
    effective_on: Any
    look: str
    next: str
    impact: str


def row(revision: Revision, draft: Any, editions: Sequence[RevisionEdition]) -> Row:
    """`editions` are those that the reader sees, the first one first; `draft` is None for the vendor's people."""
    latest = editions[-1] if editions else None
    shown = draft if draft is not None and revision.status == Status.DRAFT else latest or draft
    return Row(
        revision,
        shown.title or f"Revision {revision.number}",
        shown.effective_on,
        LOOKS[Status(revision.status)],
        NEXT.get(Status(revision.status), ""),
        str((latest.impact or {}).get("sentence", "")) if latest is not None else "",
    )


def wizard(revision: Revision, here: str) -> list[tuple[str, str, str]]:
    """Address name, label and state of each of the five steps: current, done or nothing."""
    done = DONE.get(Status(revision.status), len(WIZARD))
    return [
        (name, label, "current" if name == here else "done" if number < done else "")
        for number, (name, label) in enumerate(WIZARD)
    ]


def changed_fields(base: str, document: str) -> list[FieldChange]:
    """What differs between two files; nothing where the second cannot be read."""
    before, after = readable(base), readable(document)
    return field_changes(before, after) if before and after else []


def marked(was: str, becomes: str) -> list[Run]:
    """Two texts as one with marks, word by word."""
    old, new = WORD.findall(was), WORD.findall(becomes)
    runs: list[Run] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            runs.append(Run("", "".join(old[i:j])))
            continue
        runs += [Run(mark, "".join(words)) for mark, words in (("del", old[i:j]), ("ins", new[k:m])) if words]
    return runs


def format_marks(runs: Iterable[Run]) -> SafeString:
    """The runs for a page, without a space between them that is none of theirs."""
    return format_html_join("", "{}{}{}", ((MARKS[run.mark][0], run.text, MARKS[run.mark][1]) for run in runs))


def clauses(before: ContractFile, after: ContractFile, old: Texts, new: Texts) -> list[Clause]:
    """The clause text of each service level, with marks where the two differ; `old` and `new` are texts that were agreed, by code."""
    found = []
    codes = {level.code: level.name for file in (before, after) for level in file.service_levels}
    was, becomes = generated(before) | old, generated(after) | new
    for code, name in codes.items():
        runs = marked(was.get(code, ""), becomes.get(code, ""))
        if any(run.mark for run in runs):
            found.append(Clause(f"{code} {name}", format_marks(runs)))
    return found


def history(steps: Iterable[RevisionStep]) -> list[dict[str, Any]]:
    """What happened, the newest first."""
    return [
        {"step": step, "comment": step.kind == StepKind.COMMENT, "words": step.get_kind_display()}
        for step in sorted(steps, key=lambda one: (one.at, one.pk), reverse=True)
    ]
