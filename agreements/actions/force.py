"""Revisions whose day has come: what both sides agreed to is in force by itself; what they did not asks for a new day."""

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from agreements.actions.steps import record
from agreements.models import Revision, RevisionEdition
from agreements.rules import TRANSITIONS, Status, StepKind
from contracts.models import Contract
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.transitions import move
from organisations.scope import current_organisation_id
from slas.actions import agree_contract, import_contract

DUE = (Path(__file__).parent.parent / "sql" / "day_has_come.sql").read_text()
IS_DUE = f"EXISTS (\n{DUE})"


@transaction.atomic
def put_in_force(*, now: datetime) -> int:
    """Every revision of the organisation in scope whose day has come, on its contract's clock. Returns how many; 0 the second time.

    What was agreed is written as it was agreed, or, where the contract is another by now than the one it was agreed about, is not.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"organisation": current_organisation_id(), "now": now})
        due = [pk for (pk,) in cursor.fetchall()]
    for revision in Revision.objects.select_for_update().filter(pk__in=due).order_by("pk"):
        if revision.status == Status.CONSENTED:
            _put_in_force(revision, now)
        else:
            move(revision, Status.LAPSED, TRANSITIONS)
            record(revision, StepKind.LAPSED, by=None, at=now)
    return len(due)


def write_agreed(contract: Contract, edition: RevisionEdition) -> None:
    """What an edition says into the contract. Conflict or FileRefused where the contract is another than it was agreed about."""
    if not contract.agreed:
        agree_contract(contract, source=edition.document, version=edition.base_version)
        return
    # Looked at as on the day on which it was submitted: what was to come then has begun by now.
    import_contract(by=None, source=edition.document, version=edition.base_version, today=contract.day(edition.at))


def _put_in_force(revision: Revision, now: datetime) -> None:
    edition = revision.editions.get(number=revision.edition)
    contract = Contract.objects.get(pk=revision.contract_id)
    try:
        with transaction.atomic():
            write_agreed(contract, edition)
    except (Conflict, FileRefused):
        move(revision, Status.SUPERSEDED, TRANSITIONS)
        record(revision, StepKind.SUPERSEDED, by=None, at=now)
        return
    move(revision, Status.IN_FORCE, TRANSITIONS)
    record(revision, StepKind.IN_FORCE, by=None, at=now)
