"""Contracts with their periods, as small as they can be and still be judged. Made inside an open scope."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts import calendar
from contracts.contract_file.consequences import ScorecardPart
from contracts.contract_file.parties import CalendarPart
from contracts.models import Contract, Extension, Owner, Period, Reevaluation
from contracts.rules import Duty
from organisations.models import Membership, Vendor
from slas.actions import count_slots

ZONE = "Europe/London"
CALENDAR = {"holidays": "GB-ENG", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": "09:00-17:00"}
PARTS = ("calendar", "report_due", "charges", "credits", "scorecard")


def contract(vendor: Vendor, **fields: Any) -> Contract:
    """A contract from April 2024 for two years; no periods yet. No two references are the same, of whatever organisation.

    A part that is given once becomes its only version.
    """
    given = {
        "vendor": vendor,
        "reference": f"MSA-{vendor.pk}-{Contract.objects.count() + 1:03}",
        "title": "Service desk",
        "starts_on": date(2024, 4, 1),
        "ends_on": date(2026, 3, 31),
        "currency": "GBP",
        "minor_unit": 2,
        "timezone": ZONE,
        "calendar": CalendarPart.model_validate(CALENDAR).full(),
        "report_due": {"days": 10},
        "charges": {"monthly": "100000.00"},
        "scorecard": ScorecardPart().full(),
        "document": {},
    } | fields
    first = {"from": given["starts_on"].isoformat()}
    once = {part: [first | given[part]] for part in PARTS if isinstance(given.get(part), dict)}
    return Contract.objects.create(**given | once)


def periods(of: Contract, count: int = 3, cycle: str = "month") -> list[Period]:
    """The first `count` periods of a cycle, as the contract's calendar cuts them."""
    clauses = of.in_force(of.starts_on)
    working = calendar.WorkingCalendar.of(clauses.calendar)
    made = [
        Period.objects.create(
            vendor_id=of.vendor_id,
            contract=of,
            cycle=cycle,
            starts_on=piece.starts_on,
            ends_on=piece.ends_on,
            month=piece.ends_on.replace(day=1),
            due_on=calendar.due_on(piece.ends_on, clauses.report_due, working),
            minutes=calendar.minutes(piece, of.timezone),
            working_minutes=calendar.minutes(piece, of.timezone, working),
            label=piece.label,
        )
        for piece in calendar.periods(cycle, of.starts_on, of.ends_on)[:count]
    ]
    count_slots(of)
    return made


def reevaluation(of: Contract, **fields: Any) -> Reevaluation:
    return Reevaluation.objects.create(
        contract=of, from_on=of.starts_on, judged_on=of.starts_on - timedelta(days=1), **fields
    )


def owner(of: Contract, member: Membership, **fields: Any) -> Owner:
    """In charge from the contract's first day on: of the client's duties as the member's role says, else the vendor's contact."""
    given = {
        "vendor_id": of.vendor_id,
        "contract": of,
        "member": member,
        "name": member.name,
        "duty": Duty.VENDOR_CONTACT if member.is_vendor else member.role,
        "starts_on": of.starts_on,
    }
    return Owner.objects.create(**given | fields)


def extension(period: Period, by: Membership, **fields: Any) -> Extension:
    """A week more for the period's month is asked for."""
    given = {
        "vendor_id": period.vendor_id,
        "contract_id": period.contract_id,
        "month": period.month,
        "reason": "Audit.",
    }
    given |= {"until": period.due_on + timedelta(days=7), "asked_by": by, "asked_by_name": by.name}
    return Extension.objects.create(**given | {"asked_at": datetime(2024, 5, 13, tzinfo=UTC)} | fields)
