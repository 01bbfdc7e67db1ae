"""What is worth a look, as pages show it: of a draft, of a contract as it is, and how many of each contract on the board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from agreements.findings.found import Finding, findings_of, unassigned
from agreements.findings.history import said_of
from agreements.findings.remedies import Bench
from agreements.models import Revision
from agreements.proposals import readable
from agreements.querysets import histories, unassigned_duties
from contracts.contract_file import ContractFile
from contracts.models import Contract
from slas.actions import file_of
from slas.metric_catalogue import unknown_metrics
from slas.own_metrics import known_metrics


@dataclass(frozen=True)
class Shown:
    """A finding of a contract, and whether the draft that is open puts it right already."""

    finding: Finding
    is_put_right: bool


def of_draft(
    contract: Contract, file: ContractFile, base: Mapping[str, Any], now: datetime, code: str = ""
) -> list[Finding]:
    """All findings of a draft, or those of one service level by its `code`. Three statements."""
    bench = Bench(file, dict(base), contract.day(now), not contract.agreed)
    found = findings_of(bench, histories([contract.pk], now).get(contract.pk), unknown_metrics(file, known_metrics()))
    return [one for one in found if not code or one.code == code]


def as_it_is(contract: Contract) -> ContractFile | None:
    """The file of a contract; None of one that fits no file any more, so that nobody can say what is in it."""
    try:
        return file_of(contract)
    except ValidationError:
        return None


def of_contract(contract: Contract, file: ContractFile, draft: Revision | None, now: datetime) -> list[Shown]:
    """The findings of a contract as it is, with their remedies as the open draft would get them."""
    today = contract.day(now)
    history = histories([contract.pk], now).get(contract.pk)
    found = findings_of(Bench(file, file.document(), today), history, unknown_metrics(file, known_metrics()))
    drafted = readable(draft.draft.document) if draft else None
    missing = unassigned(unassigned_duties([contract.pk], now).get(contract.pk, []))
    if draft is None or drafted is None:
        kept = found if draft is None else [replace(one, remedy=None) for one in found]
        return [Shown(one, False) for one in (*missing, *kept)]
    base = readable(draft.draft.base) or file
    there = {one.key: one for one in findings_of(Bench(drafted, base.document(), today), history)}
    return [
        *(Shown(one, False) for one in missing),
        *(Shown(there.get(one.key, one), one.key not in there and one.remedy is not None) for one in found),
    ]


def counts(contracts: Sequence[Contract], now: datetime) -> dict[int, int]:
    """How many findings each contract has: those kept with it, those of its months, and duties that nobody has. Three statements."""
    pks = [one.pk for one in contracts]
    past, missing = histories(pks, now), unassigned_duties(pks, now)
    return {
        one.pk: len(one.findings or ()) + len(said_of(past[one.pk]) if one.pk in past else ()) + (one.pk in missing)
        for one in contracts
    }
