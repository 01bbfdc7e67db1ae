"""An edition of a revision as a document to be signed: what changes, the clause text, who agreed to it and when, and its checksum."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agreements.drafting.clauses import generated
from agreements.models import Revision, RevisionEdition, RevisionStep
from agreements.pages.revision import changed_fields
from agreements.proposals import readable
from agreements.rules import Status, StepKind
from lib.templatetags.dates import format_day

AGREED = (Status.CONSENTED, Status.IN_FORCE)
# What both sides know of who agreed; the client's own approvals are its own.
SAID = {
    StepKind.SENT: "Approved, and sent to the vendor",
    StepKind.CONSENTED: "Consented",
    StepKind.IN_FORCE: "In force",
}


def agreed_document(
    revision: Revision, edition: RevisionEdition, steps: Iterable[RevisionStep], client: str
) -> dict[str, Any]:
    """The data of `templates/documents/agreement.typ`. Needs the contract with its vendor."""
    contract, vendor = revision.contract, revision.contract.vendor.name
    is_agreed = revision.status in AGREED and edition.number == revision.edition
    state = "As agreed" if is_agreed else "As proposed; not agreed yet"
    day = format_day(edition.effective_on) if edition.effective_on else "as soon as both sides have agreed"
    return {
        "title": edition.title,
        "author": client,
        "kicker": f"{contract.reference} {contract.title}",
        "lead": f"Revision {revision.number}, edition {edition.number}. {state}.",
        "foot": f"{contract.reference}, revision {revision.number}",
        "checksum": f"SHA-256 {edition.checksum[:16]}…",
        "facts": [
            ["Client", client],
            ["Vendor", vendor],
            ["Contract", contract.reference],
            ["Term", f"{format_day(contract.starts_on)} to {format_day(contract.ends_on)}"],
            ["In force from", day],
            ["Contract file", f"SHA-256 {edition.checksum}"],
        ],
        "reason": edition.reason or "–",
        "columns": [
            {"label": "Where", "width": "1fr"},
            {"label": "Field", "width": "1fr"},
            {"label": "Was", "width": "1fr"},
            {"label": "Becomes", "width": "1fr"},
        ],
        "changes": [[one.where, one.field, one.was, one.becomes] for one in changed_fields(edition.base, edition.document)],
        "clauses": clauses_of(edition),
        "steps_columns": [{"label": "Who", "width": "1fr"}, {"label": "For"}, {"label": "What", "width": "1fr"}, {"label": "When"}],
        "steps": _steps(revision, edition, steps, client),
        "sides": [f"For {client}", f"For {vendor}"],
        "lines": ["Name", "Position", "Date", "Signature"],
        "words": {
            "reason": "Why",
            "changes": "What changes",
            "nothing": "The contract as it stands.",
            "clauses": "Clause text",
            "agreed": "Who agreed",
            "signatures": "Signatures",
        },
    }  # fmt: skip


def _steps(revision: Revision, edition: RevisionEdition, steps: Iterable[RevisionStep], client: str) -> list[list[str]]:
    """Who wrote it, and what followed: names, sides and times on the contract's clock."""
    zone, sides = revision.contract.timezone, {True: revision.contract.vendor.name, False: client}
    followed = [step for step in steps if step.edition == edition.number and step.kind in SAID]
    return [
        [edition.by_name, sides[edition.from_vendor], "Wrote this edition", _moment(edition.at, zone)],
        *(
            [step.by_name or "–", sides[step.from_vendor], SAID[StepKind(step.kind)], _moment(step.at, zone)]
            for step in sorted(followed, key=lambda one: (one.at, one.pk))
        ),
    ]


def clauses_of(edition: RevisionEdition) -> list[tuple[str, str]]:
    """Name and text of each service level that the edition changes; of one that was kept before texts were, as generated."""
    before, after = readable(edition.base), readable(edition.document)
    if after is None:
        return []
    usual = generated(after)
    texts = usual | (edition.clauses or {})
    known = {} if before is None else {level.code: level.document() for level in before.service_levels}
    return [
        (f"{level.code} {level.name}", texts[level.code])
        for level in after.service_levels
        if known.get(level.code) != level.document() or texts[level.code] != usual[level.code]
    ]


def _moment(at: datetime, zone: str) -> str:
    """On the contract's clock, which is named."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{format_day(local.date())}, {local:%H:%M} {local:%Z}"
