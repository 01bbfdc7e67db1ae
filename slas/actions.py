"""Contracts come in and go out as files: what a file says is written, and what is written can be had as a file again."""

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import ProtectedError
from pydantic import ValidationError

from contracts import contract_file
from contracts.actions import (
    cycle_of,
    fields_of,
    findings_of,
    mark_for_reevaluation,
    update_contract,
    write_contract,
    write_periods,
)
from contracts.contract_file import BadFile, ContractFile, Problem
from contracts.contract_file.levels import ServiceLevelPart
from contracts.models import Contract
from contracts.rules import FileRefused
from kras.actions import write_kras
from kras.models import Kra
from lib import clock
from lib.errors import Conflict
from lib.names import find_named
from organisations.actions import require
from organisations.models import Membership
from slas.amendments import Amendment, Change, added, compare
from slas.models import Alignment, ServiceLevel, Terms


@transaction.atomic
def import_contract(
    *,
    by: Membership | None,
    source: bytes | str | ContractFile,
    version: int | None = None,
    today: date | None = None,
) -> Contract:
    """Write the contract of a file, or amend the one with its reference; the number of statements does not depend on the file.

    A file that says nothing new writes nothing. `version` is the contract's version that the sender looked at; Conflict where
    it has moved on. `today` is the contract's local day. FileRefused, with `problems`, where the file cannot be taken.
    """
    require(by, "contract.import")
    file = _read(source)
    contract = _find(file)
    if contract is None:
        contract = write_contract(file)
        _write_parts(contract, file)
        return contract
    _must_be_agreed(contract)
    if version is not None and version != contract.version:
        raise Conflict("version", "Somebody else changed this contract meanwhile. Look at it again before you import.")
    amendment = _amendment(contract, file, today)
    if amendment.changes:
        if file.contract.ends_on < contract.ends_on:
            _take_away(contract, file)
        update_contract(contract, file)
        write_periods(contract, file, amendment.days_from)
        _write_levels(contract, file, write_kras(contract, file))
        count_slots(contract)
    if amendment.from_on is not None:
        mark_for_reevaluation(contract, amendment.from_on)
    return contract


def _take_away(contract: Contract, file: ContractFile) -> None:
    """What was to begin after a last day that comes earlier: periods, versions and service levels. FileRefused where a period of them is
    in use already, because its day has come meanwhile. Called before what is left is written."""
    last = file.contract.ends_on
    levels = contract.service_levels.all()
    try:
        contract.periods.filter(starts_on__gt=last).delete()
    except ProtectedError as used:
        said = f"{last} is too early by now: something of a later period is on record; end it later"
        raise FileRefused([Problem("contract.ends_on", said)]) from used
    levels.exclude(code__in=[part.code for part in file.service_levels]).delete()
    Terms.objects.filter(service_level__in=levels, valid__startswith__gt=last).delete()
    Alignment.objects.filter(service_level__in=levels, from_on__gt=last).delete()


def _write_parts(contract: Contract, file: ContractFile) -> None:
    """Everything below a contract whose columns are written and of which nothing else is there yet."""
    write_periods(contract, file)
    _write_levels(contract, file, write_kras(contract, file))
    count_slots(contract)
    mark_for_reevaluation(contract, contract.starts_on)


# A contract whose first version is being agreed -------------------------------------------------------------------


def draft_contract(file: ContractFile) -> Contract:
    """A contract that is not agreed yet: its parties, term, calendar and charges alone, so that nothing is due or judged, and the vendor
    does not see it. Called by whoever drafts its first version, in the same transaction."""
    return write_contract(_without_terms(file), agreed=False)


def redraft_contract(contract: Contract, file: ContractFile) -> None:
    """Bring what lists say of a contract that is not agreed yet into line with its draft. Its version stays: nothing is decided."""
    fields = fields_of(_without_terms(file))
    Contract.objects.filter(pk=contract.pk, agreed=False).update(**fields)
    for name, value in fields.items():
        setattr(contract, name, value)


def agree_contract(contract: Contract, *, source: str, version: int) -> None:
    """Write a contract's first version, once it is agreed. Conflict where it has another one by now; FileRefused as by the import."""
    if contract.agreed or contract.version != version:
        raise Conflict("version", "Somebody else agreed this contract meanwhile. Look at it again.")
    file = _read(source)
    update_contract(contract, file)
    Contract.objects.filter(pk=contract.pk).update(agreed=True, shared=True)
    contract.agreed = contract.shared = True
    _write_parts(contract, file)


def _without_terms(file: ContractFile) -> ContractFile:
    document = file.document()
    return ContractFile.model_validate({key: document[key] for key in ("plumbline", "contract")})


def _must_be_agreed(contract: Contract) -> None:
    if not contract.agreed:
        said = f"{contract.reference} is being agreed. Put the file into the draft of its first version"
        raise FileRefused([Problem("contract.reference", said)])


# A slot is a service level in a period for which it has terms.
COUNT_SLOTS = """
UPDATE contracts_period AS p SET slots = n.slots
FROM (
    SELECT p.id, count(t.id) AS slots
    FROM contracts_period AS p
    LEFT JOIN slas_servicelevel AS s ON s.contract_id = p.contract_id AND s.cycle = p.cycle
    LEFT JOIN slas_terms AS t ON t.service_level_id = s.id AND t.valid @> p.starts_on
    WHERE p.contract_id = %s GROUP BY p.id
) AS n
WHERE p.id = n.id AND p.slots <> n.slots
"""


def count_slots(contract: Contract) -> None:
    """Keep with each period how many figures it asks for, so that lists need not count them. Called by whatever writes periods, service
    levels or terms, in the same transaction. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SLOTS, [contract.pk])


def contract_changes(
    *, by: Membership | None, source: bytes | str | ContractFile, today: date | None = None
) -> list[Change]:
    """What importing a file would change, as (path, was, becomes); nothing is written. Refuses as the import does."""
    require(by, "contract.import")
    file = _read(source)
    contract = _find(file)
    if contract is None:
        return added(file)
    _must_be_agreed(contract)
    return _amendment(contract, file, today).changes


def export_contract(*, by: Membership | None, contract: Contract) -> dict[str, Any]:
    """The contract as the document of a file, for `contract_file.write`; importing it again changes nothing."""
    require(by, "contract.export")
    return _document(contract)


def file_of(contract: Contract) -> ContractFile:
    """The contract as the file that it is now, to be compared with another one. Three statements."""
    return ContractFile.model_validate(_document(contract))


def look_over(*, limit: int = 200) -> int:
    """Note the findings of contracts of which they are not known: after a release that looks for others. Returns how many there were."""
    waiting = list(Contract.objects.filter(findings__isnull=True).order_by("pk")[:limit])
    for contract in waiting:
        try:
            found = findings_of(file_of(contract))
        except ValidationError:  # of a release whose files were wider
            found = []
        Contract.objects.filter(pk=contract.pk, findings__isnull=True).update(findings=found)
    return len(waiting)


def _document(contract: Contract) -> dict[str, Any]:
    """Three statements: the contract's own columns are there, its service levels and their terms are read."""
    levels = [
        {**level.document, "terms": [terms.document for terms in level.terms.all()]}
        for level in contract.service_levels.prefetch_related("terms")
    ]
    return {**contract.document, "service_levels": levels}


# Reading and comparing -------------------------------------------------------------------------------------------


def _read(source: bytes | str | ContractFile) -> ContractFile:
    try:
        return source if isinstance(source, ContractFile) else contract_file.read(source)
    except BadFile as bad:
        raise FileRefused(bad.problems) from bad


def _find(file: ContractFile) -> Contract | None:
    found: Contract | None = find_named(Contract.objects, reference=file.contract.reference)
    return found


def _amendment(contract: Contract, file: ContractFile, today: date | None) -> Amendment:
    amendment = compare(file_of(contract), file, today or contract.day(clock.database_now()))
    if amendment.problems:
        raise FileRefused(amendment.problems)
    return amendment


# Writing ---------------------------------------------------------------------------------------------------------


def _write_levels(contract: Contract, file: ContractFile, kras: dict[str, Kra]) -> None:
    """Add service levels, terms and alignments that are not there yet; bring names, order and ends of the others into line."""
    levels = {level.code: level for level in contract.service_levels.all()}
    there = list(levels.values())
    added, changed = [], []
    for position, part in enumerate(file.service_levels):
        document = part.document()
        document.pop("terms")
        described = {
            "name": part.name,
            "metric": part.metric or "",
            "ends_on": part.ends_on,
            "document": document,
            "position": position,
        }
        level = levels.get(part.code)
        if level is None:
            levels[part.code] = _new_level(contract, part, described)
            added.append(levels[part.code])
        elif any(getattr(level, name) != value for name, value in described.items()):
            for name, value in described.items():
                setattr(level, name, value)
            changed.append(level)
    if changed:
        ServiceLevel.objects.bulk_update(changed, ["name", "metric", "ends_on", "document", "position"])
    ServiceLevel.objects.bulk_create(added)
    _write_terms(levels, there, file)
    _write_alignments(levels, there, file, kras)


def _new_level(contract: Contract, part: ServiceLevelPart, described: dict[str, Any]) -> ServiceLevel:
    return ServiceLevel(
        vendor_id=contract.vendor_id,
        contract=contract,
        code=part.code,
        cycle=cycle_of(part),
        measure=part.measure.full(),
        **described,
    )


def _write_terms(levels: dict[str, ServiceLevel], there: list[ServiceLevel], file: ContractFile) -> None:
    """Add the versions that are not there yet; before that, end the open version of each level that gets a further one."""
    known: dict[int, dict[date, Terms]] = {}
    for terms in Terms.objects.filter(service_level__in=there) if there else ():
        known.setdefault(terms.service_level_id, {})[terms.valid.lower] = terms
    added, ended = [], []
    for part in file.service_levels:
        level = levels[part.code]
        versions = known.get(level.pk, {})
        end = part.ends_on and part.ends_on + timedelta(days=1)
        ends = [*(version.from_ for version in part.terms[1:]), end]
        for number, (version, until) in enumerate(zip(part.terms, ends, strict=True), 1):
            valid = DateRange(version.from_, until, "[)")
            before = versions.get(version.from_)
            if before is None:
                added.append(
                    Terms(
                        vendor_id=level.vendor_id,
                        service_level=level,
                        version=number,
                        valid=valid,
                        document=version.document(),
                        full=version.full(),
                    )
                )
            elif before.valid != valid:
                before.valid = valid
                ended.append(before)
    if ended:  # first, because versions may not overlap for a moment either
        Terms.objects.bulk_update(ended, ["valid"])
    Terms.objects.bulk_create(added)


def _write_alignments(
    levels: dict[str, ServiceLevel], there: list[ServiceLevel], file: ContractFile, kras: dict[str, Kra]
) -> None:
    rows = Alignment.objects.filter(service_level__in=there) if there else Alignment.objects.none()
    known = set(rows.values_list("service_level_id", "from_on"))
    Alignment.objects.bulk_create(
        [
            Alignment(
                vendor_id=levels[part.code].vendor_id,
                service_level=levels[part.code],
                kra=kras[code],
                from_on=from_on,
                weight=weight,
            )
            for part in file.service_levels
            for from_on, weights in part.weights(file.contract.starts_on)
            if (levels[part.code].pk, from_on) not in known
            for code, weight in weights.items()
        ]
    )
