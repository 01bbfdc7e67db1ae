"""What holds where a contract says nothing: the organisation's settings, and then what is usual. For the client's side, who sees them."""

from contracts.models import Contract
from organisations.actions import settings_in_scope
from organisations.rules import VERIFY_AFTER


def verify_after(contract: Contract) -> int:
    """Periods met in a row after which a corrective plan is verified."""
    return contract.verify_after or settings_in_scope().verify_after or VERIFY_AFTER
