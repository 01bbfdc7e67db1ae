"""What a proposed contract would have meant, as it is kept with an edition."""

from datetime import datetime
from typing import Any

from contracts.contract_file import ContractFile
from contracts.models import Contract


def replayed(contract: Contract, file: ContractFile, now: datetime) -> tuple[dict[str, Any] | None, str]:
    """The summary and the fingerprint of what it was worked out from; nothing where it is not replayed."""
    return None, ""
