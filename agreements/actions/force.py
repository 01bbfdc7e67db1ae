"""Revisions whose day has come: what both sides agreed to is in force by itself; what they did not asks for a new day."""

from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F

from agreements.actions.steps import record
from agreements.drafting.merging import merged
from agreements.models import Revision, RevisionEdition
from agreements.proposals import as_stored
from agreements.rules import ON_THE_WAY, TRANSITIONS, Status, StepKind
from contracts import contract_file
from contracts.models import Contract
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.templatetags.dates import format_day
from lib.transitions import move
from organisations.scope import current_organisation_id
from slas.actions import agree_contract, file_of, import_contract
from slas.amendments import compare

DUE = (Path(__file__).parent.parent / "sql" / "day_has_come.sql").read_text()
TERM = "contract.ends_on"
IS_DUE = f"EXISTS (\n{DUE})"


@transaction.atomic
def put_in_force(*, now: datetime) -> int:
    """Every revision of the organisation in scope whose day has come, on its contract's clock. Returns how many; 0 the second time.

    What was agreed is written as it was agreed, or, where the contract is another by now than the one it was agreed about, is not.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"organisation": current_organisation_id(), "now": now})
        due = [pk for (pk,) in cursor.fetchall()]
    for pk in due:
        revision = Revision.objects.select_for_update().get(
            pk=pk
        )  # one by one: the end of a contract leaves others behind
        if revision.status == Status.CONSENTED:
            _put_in_force(revision, now)
        elif revision.status in ON_THE_WAY:
            move(revision, Status.LAPSED, TRANSITIONS)
            record(revision, StepKind.LAPSED, by=None, at=now)
    return len(due)


def write_agreed(contract: Contract, edition: RevisionEdition) -> None:
    """What an edition says into the contract. Conflict or FileRefused where the contract is another than it was agreed about."""
    if not contract.agreed:
        agree_contract(contract, source=edition.document, version=edition.base_version)
        return
    source, version = edition.document, edition.base_version
    if version != contract.version:
        source, version = _on_the_present_term(contract, edition), contract.version
    # Looked at as on the day on which it was submitted: what was to come then has begun by now.
    import_contract(by=None, source=source, version=version, today=contract.day(edition.at))


def _on_the_present_term(contract: Contract, edition: RevisionEdition) -> str:
    """The agreed file where nothing but the contract's last day has changed since: what was agreed changes exactly the same of it. Conflict
    where anything else did, or it would change something else."""
    base, agreed, present = as_stored(edition.base), as_stored(edition.document), file_of(contract)
    since = compare(base, present, date.min)
    if since.problems or any(one.path != TERM and one.becomes is not None for one in since.changes):
        raise Conflict("contract_moved", "The contract is another by now than the one this was agreed about.")
    text = contract_file.write(merged(base.document(), agreed.document(), present.document()))
    was, becomes = (
        compare(one, other, date.min).changes for one, other in ((base, agreed), (present, as_stored(text)))
    )
    if was != becomes:
        raise Conflict("contract_moved", "On the contract as it is by now, this would change something else.")
    return text


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
    if edition.new_end is not None:
        _leave_behind(contract, edition.new_end, now)


def _leave_behind(contract: Contract, last: date, now: datetime) -> None:
    """What was on its way to begin after the contract's new last day, or was agreed already, does not any more."""
    later = RevisionEdition.objects.filter(
        revision__contract=contract, number=F("revision__edition"), effective_on__gt=last, new_end=None
    )
    for edition in later.filter(revision__status__in=(*ON_THE_WAY, Status.CONSENTED)).select_related("revision"):
        revision, said = edition.revision, f"The contract ends on {format_day(last)}, before this would begin."
        agreed = revision.status == Status.CONSENTED
        move(revision, Status.SUPERSEDED if agreed else Status.LAPSED, TRANSITIONS)
        record(revision, StepKind.SUPERSEDED if agreed else StepKind.LAPSED, by=None, at=now, text=said)
