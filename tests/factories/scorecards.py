"""Scorecards, written by hand. Made inside an open scope."""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from contracts.models import Period
from organisations.models import Membership
from scorecards.models import (
    PackContract,
    PackEdition,
    PackFile,
    PackHandover,
    PackSection,
    PackTemplate,
    Publication,
    PublicationAcceptance,
    ReviewPack,
    Scorecard,
)
from scorecards.rules import FileKind, PackStatus, Section, checksum_of


def scorecard(period: Period, **fields: Any) -> Scorecard:
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month}
    given |= {"score": 50, "coverage": 100, "provisional": False, "kras": []}
    return Scorecard.objects.create(**given | {"judged_at": datetime(2024, 5, 16, tzinfo=UTC)} | fields)


def publication(period: Period, by: Membership, edition: int = 1, **fields: Any) -> Publication:
    """An edition with a score of 50, one penalty point and 500.00."""
    snapshot = {"score": "50", "coverage": "100", "grade": "", "kras": [], "levels": [], "points": "1", "credit": "500"}
    snapshot |= {"earned_back": "0", "charges": "100000", "at_risk": "10000", "not_charged": "0", "month": "2024-04"}
    given = {
        "vendor_id": period.vendor_id,
        "contract_id": period.contract_id,
        "month": period.month,
        "edition": edition,
    }
    given |= {"snapshot": snapshot, "checksum": checksum_of(snapshot), "score": 50, "points": 1, "credit": 500}
    given |= {"answer_by": date(2024, 5, 30), "by": by, "by_name": by.name, "at": datetime(2024, 5, 16, tzinfo=UTC)}
    return Publication.objects.create(**given | fields)


def acceptance(of: Publication, by: Membership) -> PublicationAcceptance:
    given = {"vendor_id": of.vendor_id, "publication": of, "at": datetime(2024, 5, 17, tzinfo=UTC)}
    return PublicationAcceptance.objects.create(by=by, by_name=by.name, **given)


def handover(of: PackEdition, period: Period, by: Membership, **fields: Any) -> PackHandover:
    """A version as the period's vendor has it, about the period's contract."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "edition": of, "number": of.number}
    given |= {
        "first": period.month,
        "last": period.month,
        "about": "Service desk",
        "at": datetime(2024, 5, 21, tzinfo=UTC),
    }
    for kind in ("pdf", "xlsx"):
        given |= {kind: kind.encode(), f"{kind}_sha256": sha256(kind.encode()).hexdigest()}
    return PackHandover.objects.create(**given | {"by": by, "by_name": by.name} | fields)


def pack_template(by: Membership) -> PackTemplate:
    """One of an organisation's; where it has one, that."""
    given = {"months": 3, "every_contract": True, "sections": [[str(Section.SUMMARY), True]], "saved_by": by}
    given |= {"saved_by_name": by.name, "saved_at": datetime(2024, 5, 21, tzinfo=UTC)}
    return PackTemplate.objects.get_or_create(defaults=given)[0]


def review_pack(period: Period, by: Membership) -> ReviewPack:
    """A pack over the period's month with one section and a version whose files were made."""
    begun = datetime(2024, 5, 20, tzinfo=UTC)
    given = {"first": period.month, "last": period.month, "begun_by": by, "begun_by_name": by.name, "begun_at": begun}
    pack = ReviewPack.objects.create(vendor_id=period.vendor_id, **given)
    PackContract.objects.create(pack=pack, contract_id=period.contract_id)
    PackSection.objects.create(pack=pack, name=Section.SUMMARY, position=1)
    given = {"asked_by": by, "asked_by_name": by.name, "asked_at": begun, "status": PackStatus.MADE, "pages": 1}
    edition = PackEdition.objects.create(pack=pack, number=1, **given)
    for kind in FileKind:
        content = b"{}" if kind == FileKind.CONTENT else str(kind).encode()
        PackFile.objects.create(edition=edition, kind=kind, content=content, sha256=sha256(content).hexdigest())
    return pack


def published_edition(period: Period, by: Membership) -> PackEdition:
    """The version of a pack of its own, published: only such a one is handed over."""
    given = {"status": PackStatus.PUBLISHED, "published_by": by, "published_by_name": by.name}
    review_pack(period, by).editions.update(**given, published_at=datetime(2024, 5, 21, tzinfo=UTC))
    return PackEdition.objects.filter(status=PackStatus.PUBLISHED).latest("pk")
