"""When a month can be published, and what two of its editions differ in."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from django.db.models import TextChoices

# Working days that a vendor has to answer, where the contract does not say (`dispute_within`).
ANSWER_DAYS = 10
LONGEST_WORD = 2000

Snapshot = Mapping[str, Any]

# Review packs: what is taken to a meeting.
MOST_MONTHS = 12
MOST_CONTRACTS = 12


class Section(TextChoices):
    """The sections of a review pack, in the order of a new one."""

    SUMMARY = "summary", "Summary"
    SCORECARD = "scorecard", "Scorecard"
    TRENDS = "trends", "Trends"
    BREACHES = "breaches", "Breaches and plans"
    CREDITS = "credits", "Service credits"
    CORRECTIONS = "corrections", "Corrections"
    TERMS = "terms", "Terms in force"


SECTION_WORDS = {
    Section.SUMMARY: "Score, service levels met, credit, plans",
    Section.SCORECARD: "Results by key result area, with 12 months behind them",
    Section.TRENDS: "A chart for each service level that missed its target",
    Section.BREACHES: "Breaches of these months, plans with their steps",
    Section.CREDITS: "Months, caps, what was earned back",
    Section.CORRECTIONS: "Months that were published again, and what moved",
    Section.TERMS: "An appendix: what each service level promises",
}


class FileKind(TextChoices):
    CONTENT = "content", "Content"  # as JSON: what the others were made from
    PDF = "pdf", "PDF"
    XLSX = "xlsx", "Excel"
    PAGE_1 = "page-1", "Page 1"  # as an image, to look at before it is published
    PAGE_2 = "page-2", "Page 2"
    PAGE_3 = "page-3", "Page 3"
    PAGE_4 = "page-4", "Page 4"


PAGES = (FileKind.PAGE_1, FileKind.PAGE_2, FileKind.PAGE_3, FileKind.PAGE_4)
# What is looked at on a page; the content and the images are not taken along.
HANDED_OUT = (FileKind.PDF, FileKind.XLSX)


class PackStatus(TextChoices):
    """How far a version of a pack is. Each step is kept, so that people see it, and a worker that ends loses one step."""

    WAITING = "waiting", "Waiting for a worker"
    FROZEN = "frozen", "Figures frozen"
    TYPESET = "typeset", "PDF set"
    WRITTEN = "written", "Excel file written"
    MADE = "made", "Made, not published"
    PUBLISHED = "published", "Published"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Not made"


MAKING = (PackStatus.WAITING, PackStatus.FROZEN, PackStatus.TYPESET, PackStatus.WRITTEN)
_STOPS = (PackStatus.CANCELLED, PackStatus.FAILED)
PACK_MOVES: dict[str, tuple[str, ...]] = {
    PackStatus.WAITING: (PackStatus.FROZEN, *_STOPS),
    PackStatus.FROZEN: (PackStatus.TYPESET, *_STOPS),
    PackStatus.TYPESET: (PackStatus.WRITTEN, *_STOPS),
    PackStatus.WRITTEN: (PackStatus.MADE, *_STOPS),
    PackStatus.MADE: (PackStatus.PUBLISHED, PackStatus.CANCELLED),
}
# The steps as people read them, each with the status that it ends in.
MAKING_STEPS = (
    (PackStatus.FROZEN, "Figures frozen"),
    (PackStatus.TYPESET, "PDF with tags and fonts"),
    (PackStatus.WRITTEN, "Excel file of the data"),
    (PackStatus.MADE, "Checks: tags, texts, pages"),
)

# What of each service level's period is compared, and how it is called.
COMPARED = ("shown", "outcome", "points", "share")


class Check(NamedTuple):
    """One thing that must be so before a month is published, in words; `done`: it is so."""

    done: bool
    text: str


class Difference(NamedTuple):
    """A service level's period whose judgement is another one in the later edition; None where an edition does not have it."""

    code: str
    name: str
    period: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def checks(counts: Mapping[str, int], unjudged: int, *, built: bool) -> list[Check]:
    """What is needed to publish a month: every expected figure accepted and judged, and the score built from just that.

    `counts`: figures by state, as in `measurements.querysets.STATES`; `unjudged`: service levels whose result is still open.
    """
    expected = sum(counts.values())
    if not expected:
        return [Check(False, "No figures are expected for this month, so there is nothing to publish")]
    missing = [
        (counts["not_due"], "{} cannot be reported yet: the period is still running"),
        (counts["due"], "{} not submitted yet"),
        (counts["late"], "{} late"),
        (counts["returned"], "{} returned and not submitted again"),
        (counts["submitted"], "{} submitted, to be accepted or returned"),
    ]
    found = [Check(False, words.format(format_figures(count))) for count, words in missing if count]
    accepted = f"{counts['accepted']} of {format_figures(expected)} accepted"
    judged = "Everything is judged" if not unjudged else f"{unjudged} of the results not judged yet"
    return [
        Check(counts["accepted"] == expected, accepted),
        *found,
        Check(
            not unjudged and built, judged if built else "The month is being calculated; this takes a minute at most"
        ),
    ]


def format_figures(count: int) -> str:
    return "1 figure" if count == 1 else f"{count} figures"


def checksum_of(snapshot: Snapshot) -> str:
    """SHA-256 of the snapshot, whatever the order in which its parts are kept. All its numbers are texts."""
    text = json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def differences(before: Snapshot, after: Snapshot) -> list[Difference]:
    """The service levels' periods that are judged otherwise in the later of two editions, in its order; what is gone comes last."""
    earlier, later = _by_slot(before["levels"]), _by_slot(after["levels"])
    found = []
    for slot in [*later, *(slot for slot in earlier if slot not in later)]:
        old, new = earlier.get(slot), later.get(slot)
        if old is None or new is None or any(old[name] != new[name] for name in COMPARED):
            there = new or old or {}
            found.append(Difference(slot[0], there["name"], there["period"], old, new))
    return found


def _by_slot(levels: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(level["code"], level["starts_on"]): level for level in levels}
