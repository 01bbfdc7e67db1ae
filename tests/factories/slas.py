"""Service levels with one version of terms. Made inside an open scope."""

from datetime import UTC, datetime
from typing import Any

from contracts.contract_file.levels import MeasurePart, TermsPart
from contracts.models import Contract
from kras.models import Kra
from organisations.models import Membership
from slas.actions import count_slots
from slas.models import Alignment, OwnMetric, ServiceLevel, Terms

MEASURE = {"kind": "ratio", "of": "Resolved on time", "among": "Resolved", "unit": "percent", "scale": "100"}
BANDS = [
    {"name": "Target", "at": "95", "outcome": "met", "points": "0", "score": "100"},
    {"name": "Minor", "at": "90", "outcome": "default", "points": "1", "score": "50"},
    {"name": "Serious", "outcome": "default", "points": "2", "score": "0"},
]


def service_level(of: Contract, code: str = "SL-01", kra: Kra | None = None, **fields: Any) -> ServiceLevel:
    """A monthly ratio; with a KRA it counts 100 in it from the contract's first day. No terms yet."""
    position = ServiceLevel.objects.filter(contract=of).count()
    given = {"code": code, "name": "Incidents resolved on time", "cycle": "month", "position": position}
    measure = MeasurePart.model_validate(MEASURE).full()
    given |= {"vendor_id": of.vendor_id, "contract": of, "measure": measure, "document": {"code": code}}
    made = ServiceLevel.objects.create(**given | fields)
    if kra:
        Alignment.objects.create(vendor_id=of.vendor_id, service_level=made, kra=kra, from_on=of.starts_on, weight=100)
    return made


def terms(of: ServiceLevel, **fields: Any) -> Terms:
    """Target 95 %, minor 90 %, in force from the contract's first day."""
    document = {"from": of.contract.starts_on.isoformat(), "better": "higher", "bands": BANDS}
    given = {"vendor_id": of.vendor_id, "service_level": of, "version": 1}
    full = TermsPart.model_validate(document).full()
    given |= {"valid": (of.contract.starts_on, None), "document": document, "full": full}
    made = Terms.objects.create(**given | fields)
    count_slots(of.contract)
    return made


def own_metric(by: Membership, code: str = "", **fields: Any) -> OwnMetric:
    """A share of visits on time, with a usual target of 90 %: SITE-01, the next one SITE-02."""
    code = code or f"SITE-{OwnMetric.objects.count() + 1:02}"
    measure = {"kind": "ratio", "of": "Visits on time", "among": "Visits", "unit": "percent"}
    given = {"code": code, "name": "Site visits on time", "definition": "The share of visits on the day agreed."}
    given |= {"measure": measure, "better": "higher", "every": "month", "target": 90, "minimum": 80}
    given |= {"changed_by": by, "changed_by_name": by.name, "changed_at": datetime(2024, 4, 1, tzinfo=UTC)}
    return OwnMetric.objects.create(**given | fields)
