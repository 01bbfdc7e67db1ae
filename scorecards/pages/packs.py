"""A review pack for people: its sections, the version that is being made, and those that are published."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scorecards.models import PackEdition, PackSection
from scorecards.review.sentences import Sentence
from scorecards.rules import MAKING, MAKING_STEPS, PAGES, SECTION_WORDS, PackStatus, Section


@dataclass
class SectionRow:
    """A section with what is offered for its commentary, where that was asked for; `typed` is what could not be saved."""

    section: PackSection
    sentences: Sequence[Sentence] | None = None
    saved: bool = False
    problem: str = ""
    typed: str | None = None
    theirs: str = field(default="")

    @property
    def label(self) -> str:
        return str(Section(self.section.name).label)

    @property
    def words(self) -> str:
        return SECTION_WORDS[Section(self.section.name)]

    @property
    def commentary(self) -> str:
        return self.section.commentary if self.typed is None else self.typed


class Step(NamedTuple):
    """A step of the making: `state` is done, now or next."""

    label: str
    state: str


def steps_of(edition: PackEdition) -> list[Step]:
    order = [PackStatus.WAITING, *(status for status, _ in MAKING_STEPS)]
    reached = order.index(edition.status) if edition.status in order else 0  # type: ignore[arg-type]
    return [
        Step(label, "done" if at < reached else "now" if at == reached else "next")
        for at, (_, label) in enumerate(MAKING_STEPS)
    ]


class Making(NamedTuple):
    """The latest version, where it is not published: `live` while it is being made."""

    edition: PackEdition
    steps: list[Step]
    done: int
    live: bool


def making_of(editions: Sequence[PackEdition]) -> Making | None:
    latest = next(iter(editions), None)
    if latest is None or latest.status in (PackStatus.PUBLISHED, PackStatus.CANCELLED):
        return None
    steps = steps_of(latest)
    return Making(latest, steps, sum(step.state == "done" for step in steps), latest.status in MAKING)


class Preview(NamedTuple):
    """The version whose first pages are shown, and their numbers."""

    edition: PackEdition
    pages: list[int]


def preview_of(editions: Sequence[PackEdition]) -> Preview | None:
    """Of the latest version that was made to its end, published or not."""
    for edition in editions:
        kinds = {file.kind for file in edition.files.all()}
        pages = [number for number, kind in enumerate(PAGES, 1) if kind in kinds]
        if pages and edition.status in (PackStatus.MADE, PackStatus.PUBLISHED):
            return Preview(edition, pages)
    return None


def published_of(editions: Sequence[PackEdition]) -> list[dict[str, Any]]:
    """The published versions, the latest first: what each has, and whether a later one stands beside it."""
    found = [edition for edition in editions if edition.status == PackStatus.PUBLISHED]
    return [
        {
            "edition": edition,
            "replaced": at > 0,
            "files": {file.kind: file for file in edition.files.all()},
            "handed_over": bool(edition.handovers.all()),
        }
        for at, edition in enumerate(found)
    ]
