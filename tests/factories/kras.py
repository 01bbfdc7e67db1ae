"""Key result areas. Made inside an open scope."""

from typing import Any

from contracts.models import Contract
from kras.models import Kra, KraWeight


def kra(of: Contract, code: str = "REL", weight: int = 100, **fields: Any) -> Kra:
    """A KRA that weighs `weight` from the contract's first day."""
    position = Kra.objects.filter(contract=of).count()
    made = Kra.objects.create(
        **{"vendor_id": of.vendor_id, "contract": of, "code": code, "name": "Reliable service", "position": position}
        | fields
    )
    KraWeight.objects.create(vendor_id=of.vendor_id, kra=made, from_on=of.starts_on, weight=weight)
    return made
