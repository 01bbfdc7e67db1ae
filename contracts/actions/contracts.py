"""Writing contracts and their periods, and the re-evaluation queue of what is to be judged again."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from babel.numbers import get_currency_precision
from django.db import IntegrityError, connection, transaction

from contracts import calendar
from contracts.contract_file import ContractFile
from contracts.contract_file.levels import ServiceLevelPart
from contracts.contract_file.lint import lint
from contracts.contract_file.weigh import weigh
from contracts.models import Contract, Period
from contracts.rules import ExtensionStatus
from lib.errors import Conflict
from lib.names import find_named
from organisations.models import Vendor
from organisations.scope import current_organisation_id

MARK = """
INSERT INTO contracts_reevaluation (organisation_id, contract_id, from_on)
SELECT %s, c, f FROM unnest(%s::bigint[], %s::date[]) AS m (c, f)
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
    mark_all_for_reevaluation({contract.pk: from_on})


def mark_all_for_reevaluation(from_on: Mapping[int, date]) -> None:
    """The same of many contracts, by id. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [current_organisation_id(), list(from_on), list(from_on.values())])


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
    """The vendor with the file's code; a new one with the file's name where there is none. An existing name is kept.

    Codes that differ in capitals alone are one. A code of a duplicate that was merged leads to the vendor that was kept.
    """
    part = file.contract.vendor
    vendor: Vendor | None = find_named(Vendor.objects, code=part.code)
    if vendor is None:
        vendor, _ = Vendor.objects.get_or_create(code=part.code, defaults={"name": part.name})
    while vendor.merged_into_code:
        vendor = Vendor.objects.get(code=vendor.merged_into_code)
    return vendor


def fields_of(file: ContractFile) -> dict[str, Any]:
    """The contract's columns, from the file.

    `document` is the file as written without its service levels. Dated parts are lists of versions, each with the day from which it
    holds; charges have `monthly` or `months`, or nothing, the other parts all their keys, defaults filled in.
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
        **{name: _versions(file, name) for name in ("calendar", "charges", "credits", "scorecard")},
        "report_due": [{"from": day.isoformat(), "days": days} for day, days in file.versions("report_due")],
        "rules": [rule.full() for rule in file.rules],
        **{name: getattr(part, name) for name in PLAIN},
        "document": document,
    }


# What a file says of a contract as a whole, whatever the month.
PLAIN = ("accept_after", "submit_early", "dispute_within", "answer_within", "verify_after", "claim_within")


def findings_of(file: ContractFile) -> list[dict[str, str]]:
    """What a file says and hardly means, as it is kept with the contract: looked for when it is written, not when it is shown."""
    return [{"path": one.path, "message": one.message} for one in (*lint(file), *weigh(file))]


def _versions(file: ContractFile, part: str) -> list[dict[str, Any]]:
    return [{"from": from_on.isoformat(), **version.full()} for from_on, version in file.versions(part)]


def write_contract(file: ContractFile, *, agreed: bool = True) -> Contract:
    """A new contract with its vendor, who sees it once it is agreed. Conflict where somebody imported the same reference at the same
    moment."""
    vendor, stage = find_or_add_vendor(file), {"agreed": agreed, "shared": agreed}
    try:
        with transaction.atomic():
            return Contract.objects.create(vendor=vendor, **fields_of(file), findings=findings_of(file), **stage)
    except IntegrityError as twice:
        if "contract_reference" not in str(twice):
            raise
        raise Conflict(
            "contract_taken", "Somebody imported this contract at the same moment. Import it again."
        ) from twice


def update_contract(contract: Contract, file: ContractFile) -> None:
    """Bring the columns into line with an amended file and count the version up. Conflict where somebody was faster."""
    fields = {**fields_of(file), "findings": findings_of(file)}
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
    return [_period(contract, file, cycle, part) for cycle, parts in slices.items() for part in parts]


def _period(contract: Contract, file: ContractFile, cycle: str, part: calendar.Slice) -> Period:
    """One period, by the calendar and the due day in force on its last day."""
    working = file.in_force("calendar", part.ends_on).working
    return Period(
        vendor_id=contract.vendor_id,
        contract=contract,
        cycle=cycle,
        starts_on=part.starts_on,
        ends_on=part.ends_on,
        month=part.ends_on.replace(day=1),
        due_on=calendar.due_on(part.ends_on, file.in_force("report_due", part.ends_on), working),
        minutes=calendar.minutes(part, file.contract.timezone),
        working_minutes=calendar.minutes(part, file.contract.timezone, working) if working.hours else 0,
        label=part.label,
    )


def write_periods(contract: Contract, file: ContractFile, since: date | None = None) -> None:
    """Store the periods that are not there yet; one that an extended term lengthens gets its new last day, and those that end on
    `since` or later the due day and the working minutes of the calendar now in force.

    What else is there stays as it is, whatever holidays were made known meanwhile; a due day that was extended stays so, too. Three
    statements.
    """
    known = contract.periods.all() if since is None else contract.periods.filter(ends_on__lt=since)
    there = set(known.values_list("cycle", "starts_on", "ends_on"))
    periods = periods_of(contract, file)
    granted = contract.extensions.filter(status=ExtensionStatus.GRANTED).order_by("until")
    extended = dict(granted.values_list("month", "until"))
    for period in periods:
        period.due_on = max(period.due_on, extended.get(period.month, period.due_on))
    Period.objects.bulk_create(
        [period for period in periods if (period.cycle, period.starts_on, period.ends_on) not in there],
        update_conflicts=True,
        unique_fields=["organisation", "contract", "cycle", "starts_on"],
        update_fields=["ends_on", "month", "due_on", "minutes", "working_minutes", "label"],
    )
