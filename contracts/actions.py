"""Writing contracts and their periods, and the re-evaluation queue of what is to be judged anew."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from babel.numbers import get_currency_precision
from django.db import IntegrityError, connection, transaction

from contracts import calendar
from contracts.contract_file import ContractFile
from contracts.contract_file.levels import ServiceLevelPart
from contracts.models import Contract, Period
from lib.errors import Conflict
from organisations.models import Vendor
from organisations.scope import current_organisation_id

MARK = """
INSERT INTO contracts_reevaluation (organisation_id, contract_id, from_on) VALUES (%s, %s, %s)
ON CONFLICT (organisation_id, contract_id) DO UPDATE SET
    from_on = least(contracts_reevaluation.from_on, excluded.from_on), try_at = NULL
"""
# Tried again after 1, 2, 4, … minutes, at last every six hours.
NOTE_FAILURES = """
UPDATE contracts_reevaluation AS d SET
    failures = CASE WHEN d.failed_step = %(step)s THEN d.failures ELSE 0 END + 1,
    failing_since = CASE WHEN d.failed_step = %(step)s THEN d.failing_since ELSE %(now)s END,
    try_at = %(now)s + make_interval(mins => CASE WHEN d.failed_step = %(step)s THEN least(360, 2 ^ least(d.failures, 9)) ELSE 1 END::int),
    failed_step = %(step)s, failed_because = f.because
FROM unnest(%(contracts)s::bigint[], %(reasons)s::text[]) AS f (contract_id, because)
WHERE d.contract_id = f.contract_id
"""
CLEAR_FAILURES = """
UPDATE contracts_reevaluation SET failures = 0, failed_step = '', failed_because = '', failing_since = NULL, try_at = NULL
WHERE failed_step = %s AND contract_id = ANY (%s)
"""


def mark_for_reevaluation(contract: Contract, from_on: date) -> None:
    """Note that facts or terms changed in periods beginning on this day or later. An earlier entry stays. One statement.

    A contract that failed is tried at once: this may be what puts it right.
    """
    with connection.cursor() as cursor:
        cursor.execute(MARK, [current_organisation_id(), contract.pk, from_on])


def note_failures(step: str, because: Mapping[int, str], *, now: datetime) -> None:
    """Count that a step of the work failed for contracts, and why; each is tried again later and later."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "step": step,
            "now": now,
            "contracts": list(because),
            "reasons": list(because.values()),
        }
        cursor.execute(NOTE_FAILURES, values)


def clear_failures(step: str, contracts: Collection[int]) -> None:
    """Forget that a step of the work failed for contracts: it has done its work."""
    with connection.cursor() as cursor:
        cursor.execute(CLEAR_FAILURES, [step, list(contracts)])


# Contracts -------------------------------------------------------------------------------------------------------


def find_or_add_vendor(file: ContractFile) -> Vendor:
    """The vendor with the file's code; a new one with the file's name where there is none. An existing name is kept."""
    part = file.contract.vendor
    vendor, _ = Vendor.objects.get_or_create(code=part.code, defaults={"name": part.name})
    return vendor


def fields_of(file: ContractFile) -> dict[str, Any]:
    """The contract's columns, from the file.

    `document` is the file as written without its service levels. `charges` has `monthly` or `months`, or nothing; the other
    parts have all their keys, defaults filled in.
    """
    part, document = file.contract, file.document()
    document.pop("service_levels", None)
    return {
        "reference": part.reference,
        "title": part.title,
        "starts_on": part.starts_on,
        "ends_on": part.ends_on,
        "currency": part.currency,
        "minor_unit": get_currency_precision(part.currency),
        "timezone": part.timezone,
        "calendar": part.calendar.full(),
        "report_due": part.report_due,
        "charges": part.charges.document(),
        "credits": file.credits and file.credits.full(),
        "rules": [rule.full() for rule in file.rules],
        "scorecard": file.scorecard.full(),
        "document": document,
    }


def write_contract(file: ContractFile) -> Contract:
    """A new contract with its vendor. Conflict where somebody imported the same reference at the same moment."""
    vendor = find_or_add_vendor(file)
    try:
        with transaction.atomic():
            return Contract.objects.create(vendor=vendor, **fields_of(file))
    except IntegrityError as twice:
        if "contract_reference" not in str(twice):
            raise
        raise Conflict(
            "contract_taken", "Somebody imported this contract at the same moment. Import it again."
        ) from twice


def update_contract(contract: Contract, file: ContractFile) -> None:
    """Bring the columns into line with an amended file and count the version up. Conflict where somebody was faster."""
    fields = fields_of(file)
    changed = Contract.objects.filter(pk=contract.pk, version=contract.version).update(
        version=contract.version + 1, **fields
    )
    if not changed:
        raise Conflict("version", "Somebody else changed this contract meanwhile. Look at it again before you import.")
    for name, value in {**fields, "version": contract.version + 1}.items():
        setattr(contract, name, value)


# Periods ---------------------------------------------------------------------------------------------------------


def cycle_of(level: ServiceLevelPart) -> str:
    """Under which cycle the periods of a service level stand; a list of its own stands under its code."""
    return f"custom:{level.code}" if level.every == "custom" else level.every


def periods_of(contract: Contract, file: ContractFile) -> list[Period]:
    """All periods of the cycles in use, over the whole term, not stored yet."""
    slices = {cycle_of(level): file.slices(level) for level in file.service_levels}
    working = file.contract.calendar.working()
    return [
        Period(
            vendor_id=contract.vendor_id,
            contract=contract,
            cycle=cycle,
            starts_on=part.starts_on,
            ends_on=part.ends_on,
            month=part.ends_on.replace(day=1),
            due_on=calendar.due_on(part.ends_on, file.contract.report_due, working),
            minutes=calendar.minutes(part, file.contract.timezone),
            working_minutes=calendar.minutes(part, file.contract.timezone, working) if working.hours else 0,
            label=part.label,
        )
        for cycle, parts in slices.items()
        for part in parts
    ]


def write_periods(contract: Contract, file: ContractFile) -> None:
    """Store the periods that are not there yet; one that an extended term lengthens gets its new last day.

    What is there and as long as before stays as it is. Two statements.
    """
    there = set(contract.periods.values_list("cycle", "starts_on", "ends_on"))
    periods = periods_of(contract, file)
    Period.objects.bulk_create(
        [period for period in periods if (period.cycle, period.starts_on, period.ends_on) not in there],
        update_conflicts=True,
        unique_fields=["organisation", "contract", "cycle", "starts_on"],
        update_fields=["ends_on", "month", "due_on", "minutes", "working_minutes", "label"],
    )
