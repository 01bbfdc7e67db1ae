"""What a search shows: kinds with how many there are of each, and rows with what was found marked."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Window

from breaches.rules.plans import stands_as
from breaches.wording import format_period
from dashboards.context import address
from dashboards.querysets import search as find
from dashboards.querysets.search import Words, closest, words_of
from lib.tables import CHUNK
from lib.templatetags.dates import format_day, month_name
from organisations.models import Membership, Vendor

FEW = 5  # of each kind, beside others
SHOWN = 25  # of one kind on a page


@dataclass(frozen=True)
class Row:
    """`title` in pieces, each with whether it is what was looked for."""

    url: str
    title: list[tuple[str, bool]]
    meta: str


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    icon: str
    permission: str
    found: Callable[[Words], "QuerySet[Any]"]
    row: Callable[[Any, Membership], tuple[str, str, str]]  # address, title, what is said below it
    through: str = ""  # the kind before it by whose names alone it is found


@dataclass(frozen=True)
class Hits:
    """What was found of a kind: how many, and the rows that are shown."""

    kind: Kind
    count: int
    rows: list[Row]


@dataclass(frozen=True)
class Found:
    """`looked_for` is what was typed, or where nothing has these words, the most similar ones that something has."""

    looked_for: str
    hits: list[Hits]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.hits)


def look_for(typed: str, member: Membership, *, only: str = "", number: int = 1, exact: bool = False) -> Found:
    """A few of each kind, or of the kind `only` page `number`, beyond the last page the last one.

    At most 13 statements, whatever is found: six, one for similar words, six; and two beyond the last page.
    """
    words = words_of(typed)
    found = Found(typed, _hits(words, member, only, number) if words else [])
    if found.count or exact or not words:
        return found
    similar = closest(typed)
    return found if similar == " ".join(words.every) else Found(similar, _hits(words_of(similar), member, only, number))


def every_hit(found: Found, member: Membership, only: str) -> Iterator[tuple[str, str, str]]:
    """Of all that was found, or of one kind: its label, the title and what is said below it, in the order of the page."""
    words = words_of(found.looked_for)
    for hits in found.hits:
        if hits.count and hits.kind.name == (only or hits.kind.name):
            for one in hits.kind.found(words).iterator(CHUNK):
                _, title, meta = hits.kind.row(one, member)
                yield hits.kind.label, title, meta


def _hits(words: Words, member: Membership, only: str, number: int) -> list[Hits]:
    """One statement for each kind that the member may see; of kinds beside `only` it is only counted."""
    hits: list[Hits] = []
    for kind in kinds_for(member):
        if (
            kind.through
            and words.names == words.every
            and not any(one.count for one in hits if one.kind.name == kind.through)
        ):
            hits.append(Hits(kind, 0, []))
            continue
        start = (number - 1) * SHOWN if kind.name == only else 0
        shown = SHOWN if kind.name == only else 0 if only else FEW
        found = kind.found(words).annotate(of=Window(Count("*")))
        rows = list(found[start : start + (shown or 1)])
        if start and not rows and (there := kind.found(words).order_by().count()):
            start = (there - 1) // SHOWN * SHOWN
            rows = list(found[start : start + shown])
        hits.append(Hits(kind, rows[0].of if rows else 0, [_row(kind, one, words, member) for one in rows[:shown]]))
    return hits


def kinds_for(member: Membership) -> list[Kind]:
    return [kind for kind in KINDS if member.may(kind.permission)]


def _row(kind: Kind, one: Any, words: Words, member: Membership) -> Row:
    url, title, meta = kind.row(one, member)
    return Row(url, marked(title, words.every), meta)


def marked(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in pieces: those that one of the words begins, and what lies between."""
    pattern = "|".join(rf"(?<!\w){re.escape(word)}" for word in sorted(words, key=len, reverse=True))
    pieces = re.split(f"({pattern})", text, flags=re.IGNORECASE) if pattern else [text]
    return [(piece, bool(number % 2)) for number, piece in enumerate(pieces) if piece]


def _vendor(one: Vendor, member: Membership) -> tuple[str, str, str]:
    return address("vendor", member, one.code), one.name, one.code


def _contract(one: Any, member: Membership) -> tuple[str, str, str]:
    term = f"{format_day(one.starts_on)} to {format_day(one.ends_on)}"
    return address("contract", member, one.pk), one.title, _said(one.reference, _vendor_of(one, member), term)


def _service_level(one: Any, member: Membership) -> tuple[str, str, str]:
    url = address("service-level", member, one.contract_id, one.code)
    return url, one.name, _said(one.code, _vendor_of(one, member), one.contract_reference)


def _breach(one: Any, member: Membership) -> tuple[str, str, str]:
    period = format_period(one.period_cycle, one.period_starts_on, one.period_ends_on)
    stands = stands_as(one.status, one.plan_status).lower()
    meta = _said(period, _vendor_of(one, member), one.contract_reference, stands)
    return address("breach", member, one.pk), one.service_level_name, meta


def _submission(one: Any, member: Membership) -> tuple[str, str, str]:
    title = f"{month_name(one.month)} figures: {one.contract_title}"
    state = one.get_status_display().lower()
    return address("submission", member, one.pk), title, _said(_vendor_of(one, member), one.contract_reference, state)


def _person(one: Any, member: Membership) -> tuple[str, str, str]:
    url = address("person", member, one.pk) if member.may("people.manage") else address("people", member)
    return url, one.name, _said(one.get_role_display(), one.vendor_name or "", one.email)


def _vendor_of(one: Any, member: Membership) -> str:
    """Its vendor's name, for whoever sees more than one."""
    return "" if member.is_vendor else one.vendor_name


def _said(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


KINDS = (
    Kind("vendors", "Vendors", "building", "portfolio.view", find.vendors, _vendor),
    Kind("contracts", "Contracts", "doc", "contract.view", find.contracts, _contract),
    Kind("levels", "Service levels", "target", "contract.view", find.service_levels, _service_level),
    Kind("breaches", "Breaches", "flag", "breach.view", find.breaches, _breach, through="levels"),
    Kind("submissions", "Submissions", "upload", "submission.view", find.submissions, _submission),
    Kind("people", "People", "users", "people.view", find.people, _person),
)
