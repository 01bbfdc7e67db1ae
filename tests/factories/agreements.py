"""Revisions of contracts. Made inside an open scope."""

from datetime import UTC, date, datetime
from typing import Any

from agreements.models import (
    BulkRevision,
    BulkRevisionContract,
    Revision,
    RevisionDraft,
    RevisionEdition,
    RevisionFile,
    RevisionStep,
)
from agreements.rules import Status, StepKind, checksum
from contracts import contract_file
from contracts.models import Contract
from organisations.models import Membership
from tests.factories.files import stored
from tests.slas.contract_texts import document

WRITTEN_AT = datetime(2024, 5, 20, tzinfo=UTC)
FILE = contract_file.write(document())


def revision(contract: Contract, by: Membership, **fields: Any) -> Revision:
    """A draft of a contract that says nothing yet."""
    draft = RevisionDraft.objects.create(
        contract=contract,
        title="Higher targets",
        reason="The line went down often.",
        document=FILE,
        base=FILE,
        base_version=contract.version,
        writers=[by.user_id or 0],
        saved_by=by,
        saved_by_name=by.name,
        saved_at=WRITTEN_AT,
    )
    number = Revision.objects.filter(contract=contract).count() + 1
    given = {"vendor_id": contract.vendor_id, "contract": contract, "number": number, "draft": draft}
    given |= {"author": by, "author_name": by.name, "created_at": WRITTEN_AT}
    return Revision.objects.create(**given | fields)


def edition(of: Revision, by: Membership, **fields: Any) -> RevisionEdition:
    """The next edition of it, as it was submitted, from July 2024 on."""
    draft = of.draft
    given = {"vendor_id": of.vendor_id, "revision": of, "number": of.edition + 1, "title": draft.title}
    given |= {"reason": draft.reason, "document": draft.document, "checksum": checksum(draft.document)}
    given |= {"base": draft.base, "base_version": draft.base_version, "effective_on": date(2024, 7, 1), "needed": 1}
    given |= {"writers": draft.writers, "by": by, "by_name": by.name, "at": WRITTEN_AT}
    made = RevisionEdition.objects.create(**given | fields)
    Revision.objects.filter(pk=of.pk).update(edition=made.number, status=fields.get("status", Status.SUBMITTED))
    of.refresh_from_db()
    return made


def sent(of: Revision, by: Membership, **fields: Any) -> Revision:
    """It lies with the vendor."""
    edition(of, by, shared=True, **fields)
    Revision.objects.filter(pk=of.pk).update(status=Status.WITH_VENDOR, shared=True)
    of.refresh_from_db()
    step(of, by)
    return of


def step(of: Revision, by: Membership, **fields: Any) -> RevisionStep:
    """It was sent to the vendor."""
    given = {
        "vendor_id": of.vendor_id,
        "revision": of,
        "edition": of.edition,
        "kind": StepKind.SENT,
        "shared": of.shared,
    }
    given |= {"by": by, "by_name": by.name, "from_vendor": by.is_vendor, "at": WRITTEN_AT}
    return RevisionStep.objects.create(**given | fields)


def bulk_revision(contract: Contract, by: Membership, **fields: Any) -> BulkRevision:
    """Charges of one contract up by 3.4 percent, worked out."""
    given = {
        "kind": "charges",
        "change": {"percent": "3.4"},
        "title": "Charges up 3.4%",
        "reason": "As the contract says.",
    }
    given |= {"effective_on": date(2024, 7, 1), "status": "worked_out", "writers": [by.user_id or 0]}
    given |= {"author": by, "author_name": by.name, "created_at": WRITTEN_AT}
    made = BulkRevision.objects.create(**given | fields)
    figures = {"months": 0, "until": None, "sentence": "", "charges": ["1000", "1034"], "yearly": "408"}
    figures |= dict.fromkeys(("met", "breaches", "points", "score", "credit"))
    part = {"contract": contract, "status": "ready", "figures": figures, "money": 408, "base_version": contract.version}
    BulkRevisionContract.objects.create(bulk_revision=made, **part)
    return made


def revision_file(of: Revision, by: Membership, **fields: Any) -> RevisionFile:
    """A document of it; with a vendor once it was sent."""
    given = {"vendor_id": of.vendor_id, "revision": of, "edition": of.edition or 1, "shared": of.shared}
    given |= {"added_at": WRITTEN_AT, "added_by": by, "added_by_name": by.name}
    return stored(RevisionFile, **given | fields)
