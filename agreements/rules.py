"""The life of a revision of a contract: who has the next word, how many have to approve, and from which day it counts."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import TextChoices

LONGEST_TITLE = 200


class Status(TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved, not yet sent"
    WITH_VENDOR = "with_vendor", "With vendor"
    COUNTERED = "countered", "Vendor proposes other terms"
    CONSENTED = "consented", "Agreed, waits for its day"
    IN_FORCE = "in_force", "In force"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Needs a new day"
    SUPERSEDED = "superseded", "Overtaken by another"


# What was said no to, or came too late, becomes a draft again rather than another revision: its history stays with it.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.DRAFT: (Status.SUBMITTED, Status.IN_FORCE, Status.WITHDRAWN),  # in force at once: see bring_into_force
    Status.SUBMITTED: (Status.APPROVED, Status.DRAFT, Status.LAPSED, Status.WITHDRAWN),
    Status.APPROVED: (Status.WITH_VENDOR, Status.DRAFT, Status.LAPSED, Status.WITHDRAWN),
    Status.WITH_VENDOR: (
        Status.CONSENTED,
        Status.COUNTERED,
        Status.DECLINED,
        Status.DRAFT,
        Status.LAPSED,
        Status.WITHDRAWN,
    ),
    Status.COUNTERED: (Status.DRAFT, Status.LAPSED, Status.WITHDRAWN),
    Status.CONSENTED: (Status.IN_FORCE, Status.SUPERSEDED),
    Status.DECLINED: (Status.DRAFT, Status.WITHDRAWN),
    Status.LAPSED: (Status.DRAFT, Status.WITHDRAWN),
    Status.SUPERSEDED: (Status.DRAFT, Status.WITHDRAWN),
}
TAKEN_UP = tuple(status for status, following in TRANSITIONS.items() if Status.DRAFT in following)
GIVEN_UP = tuple(status for status, following in TRANSITIONS.items() if Status.WITHDRAWN in following)
# Whose day may pass before everybody has agreed.
ON_THE_WAY = (Status.SUBMITTED, Status.APPROVED, Status.WITH_VENDOR, Status.COUNTERED)
# The steps of a revision's life by which a list is filtered.
STEPS = (Status.DRAFT, Status.SUBMITTED, Status.APPROVED, Status.WITH_VENDOR, Status.CONSENTED, Status.IN_FORCE)


class StepKind(TextChoices):
    """What happened to a revision: a verb, as it stands after the name of whoever did it."""

    STARTED = "started", "started the draft"
    SUBMITTED = "submitted", "submitted"
    APPROVED = "approved", "approved"
    SENT_BACK = "sent_back", "sent it back"
    COMMENT = "comment", "wrote"
    SENT = "sent", "sent it to the vendor"
    COUNTERED = "countered", "proposed other terms"
    CONSENTED = "consented", "consented"
    DECLINED = "declined", "declined"
    REOPENED = "reopened", "took it up again"
    WITHDRAWN = "withdrawn", "withdrew it"
    TAKEN_OVER = "taken_over", "took the draft over"
    LAPSED = "lapsed", "Its day came before everybody had agreed"
    SUPERSEDED = "superseded", "Something else came into force meanwhile"
    IN_FORCE = "in_force", "In force"


OF_VENDOR = (StepKind.COUNTERED, StepKind.CONSENTED, StepKind.DECLINED)
# What the vendor is told of besides what it does itself, once it was asked.
SHARED = (StepKind.SENT, StepKind.REOPENED, StepKind.WITHDRAWN, StepKind.LAPSED, StepKind.SUPERSEDED, StepKind.IN_FORCE)


class Kind(TextChoices):
    """What a change is about; each has its own number of approvals."""

    TERMS = "terms", "Terms"
    MONEY = "money", "Charges and credits"
    DATES = "dates", "Last days"


MONEY = re.compile(r"(contract\.charges|credits)\b")
DATES = re.compile(r"(contract|kras\[[0-9]+\]|service_levels\[[0-9]+\])\.ends_on\Z|rules\[[0-9]+\]\.until\Z")


def kinds_of(paths: Iterable[str]) -> frozenset[Kind]:
    """What changes at these paths of a contract file are about."""
    return frozenset(
        Kind.MONEY if MONEY.match(path) else Kind.DATES if DATES.match(path) else Kind.TERMS for path in paths
    )


class Chain(NamedTuple):
    """How many people have to approve, by kind; and from which yearly effect on at least two, in units of the contract's currency."""

    approvals: Mapping[str, int]
    two_from: Decimal | None

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> "Chain":
        """As an organisation's settings keep it; one approval for everything where they say nothing."""
        given = stored or {}
        two_from = given.get("two_from")
        return cls(
            {kind: int(given.get(kind, 1)) for kind in Kind.values}, None if two_from is None else Decimal(two_from)
        )

    def needed(self, kinds: Iterable[Kind], yearly_effect: Decimal) -> int:
        """At least one: nobody decides alone."""
        least = 2 if self.two_from is not None and abs(yearly_effect) >= self.two_from else 1
        return max([least, *(self.approvals[kind] for kind in kinds)])


def day_come(effective_on: date | None, today: date) -> date | None:
    """The day from which a change counts, where it has come: then it is too late for it. What has no day of its own, names for example,
    never is too late."""
    return effective_on if effective_on is not None and effective_on <= today else None


def checksum(document: str) -> str:
    """SHA-256 of a contract file as it was agreed, in hexadecimal digits."""
    return hashlib.sha256(document.encode()).hexdigest()


# The same change of many contracts ----------------------------------------------------------------------------------


class BulkKind(TextChoices):
    """What changes in each of the contracts."""

    CHARGES = "charges", "Charges, by an index or a percentage"
    DUE_DAY = "due_day", "The day on which figures are due"
    TARGET = "target", "The target of a metric"


# What a bulk revision is about, for the number of approvals.
KIND_OF_BULK = {BulkKind.CHARGES: Kind.MONEY, BulkKind.DUE_DAY: Kind.TERMS, BulkKind.TARGET: Kind.TERMS}


class BulkStatus(TextChoices):
    """From the approval on each of its revisions goes its own way."""

    WORKING_OUT = "working_out", "Being worked out"
    WORKED_OUT = "worked_out", "Worked out, not submitted"
    SUBMITTED = "submitted", "Submitted"
    SENT_BACK = "sent_back", "Sent back"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Withdrawn"


BULK_MOVES: dict[str, tuple[str, ...]] = {
    BulkStatus.WORKING_OUT: (BulkStatus.WORKED_OUT, BulkStatus.WITHDRAWN),
    BulkStatus.WORKED_OUT: (BulkStatus.WORKING_OUT, BulkStatus.SUBMITTED, BulkStatus.WITHDRAWN),
    BulkStatus.SUBMITTED: (
        BulkStatus.APPROVED,
        BulkStatus.SENT_BACK,
        BulkStatus.WORKING_OUT,
        BulkStatus.WITHDRAWN,
    ),
    BulkStatus.SENT_BACK: (BulkStatus.WORKING_OUT, BulkStatus.WITHDRAWN),
    BulkStatus.WITHDRAWN: (BulkStatus.WORKING_OUT,),
}


class BulkPart(TextChoices):
    """Where a contract stands in a bulk revision, until it has a revision of its own."""

    WAITING = "waiting", "To be worked out"
    READY = "ready", "Worked out"
    UNFIT = "unfit", "Cannot take the change"
    LEFT_OUT = "left_out", "Left out"


PART_MOVES: dict[str, tuple[str, ...]] = {
    BulkPart.WAITING: (BulkPart.READY, BulkPart.UNFIT),
    BulkPart.READY: (BulkPart.LEFT_OUT, BulkPart.WAITING),
    BulkPart.UNFIT: (BulkPart.WAITING,),
    BulkPart.LEFT_OUT: (BulkPart.READY,),
}
MOST_CONTRACTS = 200  # of one bulk revision: submitting and approving them takes one request
