"""Requests for relief, disputes and what they need. Made inside an open scope."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from contracts.models import Period
from credits.models import CreditHold
from disputes.models import Dispute, HearingEntry, HearingFile, PublishedMonth, ReliefRequest
from disputes.rules import DisputeGround, HearingKind, ReliefGround
from measurements.models import GrantedRelief
from organisations.models import Membership
from slas.models import ServiceLevel
from tests.factories.files import stored

ASKED_AT = datetime(2024, 5, 20, 9, tzinfo=UTC)


def published_month(period: Period, **fields: Any) -> PublishedMonth:
    """The period's month was published ten days after its end."""
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month}
    return PublishedMonth.objects.create(**given | {"published_on": period.ends_on + timedelta(days=10)} | fields)


def _asked(level: ServiceLevel, period: Period, by: Membership) -> dict[str, Any]:
    given = {"vendor_id": level.vendor_id, "contract_id": level.contract_id, "service_level": level, "period": period}
    given |= {"month": period.month, "explanation": "The power was off.", "asked_by": by, "asked_by_name": by.name}
    return given | {"asked_at": ASKED_AT, "answer_by": date(2024, 6, 4)}


def relief_request(level: ServiceLevel, period: Period, by: Membership, **fields: Any) -> ReliefRequest:
    """Six cases, asked for in May 2024."""
    given = {"ground": ReliefGround.CLIENT, "amount": Decimal(6)}
    return ReliefRequest.objects.create(**_asked(level, period, by) | given | fields)


def dispute(level: ServiceLevel, period: Period, by: Membership, **fields: Any) -> Dispute:
    """The figure is disputed, since May 2024: 95 of 99; its month's credit is on hold."""
    given = {"ground": DisputeGround.FIGURE, "result_revision": 1, "numerator": 95, "denominator": 99}
    made = Dispute.objects.create(**_asked(level, period, by) | given | fields)
    hold(period, held_for=f"dispute:{made.pk}")
    return made


def hold(period: Period, **fields: Any) -> CreditHold:
    given = {"vendor_id": period.vendor_id, "contract_id": period.contract_id, "month": period.month}
    return CreditHold.objects.create(**given | {"held_for": f"test:{period.pk}", "held_at": ASKED_AT} | fields)


def entry(of: ReliefRequest | Dispute, by: Membership | None = None, **fields: Any) -> HearingEntry:
    """A message in its thread."""
    about = {"relief_request": of} if isinstance(of, ReliefRequest) else {"dispute": of}
    given = {
        "vendor_id": of.vendor_id,
        "contract_id": of.contract_id,
        "kind": HearingKind.MESSAGE,
        "text": "See the log.",
    }
    given |= {"by": by, "by_name": by.name if by else "", "from_vendor": bool(by and by.is_vendor), "at": ASKED_AT}
    return HearingEntry.objects.create(**about | given | fields)


def hearing_file(of: HearingEntry, **fields: Any) -> HearingFile:
    given = {"vendor_id": of.vendor_id, "entry": of, "added_at": of.at}
    return stored(HearingFile, **given | {"added_by": of.by, "added_by_name": of.by_name} | fields)


def granted_relief(level: ServiceLevel, period: Period, by: Membership | None = None, **fields: Any) -> GrantedRelief:
    given = {"vendor_id": level.vendor_id, "service_level": level, "period": period, "relieved": 3, "at": ASKED_AT}
    return GrantedRelief.objects.create(**given | {"by": by, "by_name": by.name if by else ""} | fields)
