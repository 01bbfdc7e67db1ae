"""Who is in charge of a contract, and who stands in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from contracts.in_charge import Charge, charge_from
from contracts.models import Contract, Owner
from contracts.rules import DUTY_ROLES, Duty, may_assign
from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.actions import require
from organisations.models import Membership

Named = tuple[Membership, bool, date, date | None]  # who, whether as deputy, first and last day


@dataclass(frozen=True)
class Absence:
    """Who stands in, and the first and last day of it, as days of the contract."""

    deputy: Membership
    starts_on: date
    ends_on: date


@transaction.atomic
def assign_owner(
    *,
    by: Membership,
    contract: Contract,
    duty: str,
    member: Membership | None,
    absence: Absence | None = None,
    seen: str | None = None,
    now: datetime,
) -> Charge:
    """From today on `member` has the duty, and the deputy stands in on the days of the absence; None: nobody, and no absence.

    `seen` is the version that `by` looked at (`Charge.version`). NotAllowed where `by` may not say this of the duty; RuleBroken where
    a person or the days do not fit; Conflict where it was changed meanwhile.
    """
    require(by, "owner.assign")
    if duty not in Duty.values:
        raise RuleBroken(
            "duty", "There is no such duty. The duties are account_manager, procurement and vendor_contact."
        )
    _may_assign(by, contract, duty, now)
    day = contract.day(now)
    _fits(member, contract, duty, "member")
    _absence_fits(absence, member, contract, duty, day)
    there = list(Owner.objects.filter(contract=contract, duty=duty).living(day).select_for_update(of=("self",)))
    before = charge_from(Duty(duty), there, day)
    if seen is not None and seen != before.version:
        raise Conflict("version", "Somebody else changed who is in charge meanwhile. Look again before you save.")
    wanted: list[Named] = [] if member is None else [(member, False, day, None)]
    wanted += [] if absence is None else [(absence.deputy, True, absence.starts_on, absence.ends_on)]
    try:
        with transaction.atomic():
            _write_owners(contract, duty, there, wanted, day)
    except IntegrityError as twice:
        if "owner_one_at_a_time" not in str(twice):
            raise
        raise Conflict("version", "Somebody else changed who is in charge at the same moment. Look again.") from twice
    return charge_from(Duty(duty), Owner.objects.filter(contract=contract, duty=duty).living(day), day)


def _may_assign(by: Membership, contract: Contract, duty: str, now: datetime) -> None:
    in_charge = not by.is_vendor and Contract.objects.mine(by.in_charge_id, now).filter(pk=contract.pk).exists()
    if not may_assign(by.role, duty, in_charge=in_charge):
        raise NotAllowed(
            "owner",
            "You may name your company’s own contact only."
            if by.is_vendor
            else "You are not in charge of this contract. Ask whoever is, procurement or an administrator.",
        )


def _fits(member: Membership | None, contract: Contract, duty: str, code: str) -> None:
    if member is None:
        return
    if member.is_key or not member.is_active:
        raise RuleBroken(code, f"{member.name} does not work here any more. Choose somebody else.")
    if member.role not in DUTY_ROLES[duty] or (member.is_vendor and member.vendor_id != contract.vendor_id):
        raise RuleBroken(code, f"{member.name} has no role that fits. Choose one of the list.")
    if not member.sees_contract(contract.pk):
        raise RuleBroken(
            code, f"{member.name} does not see this contract. Let them see it first, or choose somebody else."
        )


def _absence_fits(absence: Absence | None, member: Membership | None, contract: Contract, duty: str, day: date) -> None:
    if absence is None:
        return
    _fits(absence.deputy, contract, duty, "deputy")
    if member is None:
        raise RuleBroken("member", "Say who is in charge before you say who stands in.")
    if absence.deputy.pk == member.pk:
        raise RuleBroken("deputy", f"{member.name} cannot stand in for {member.name}. Choose somebody else.")
    if absence.ends_on < absence.starts_on:
        raise RuleBroken("ends_on", "The absence ends before it begins. Enter a later last day.")
    if absence.ends_on < day:
        raise RuleBroken("ends_on", "The absence is over already. Enter a later last day, or leave the deputy out.")


def _write_owners(
    contract: Contract,
    duty: str,
    there: list[Owner],
    wanted: list[Named],
    day: date,
) -> None:
    """Bring the living rows into line. What stays is not touched; what began before today ends yesterday, so that history stays."""
    for row in there:
        same = next((one for one in wanted if _is(row, one)), None)
        if same is not None:
            wanted.remove(same)
        elif row.starts_on < day:
            Owner.objects.filter(pk=row.pk).update(ends_on=day - timedelta(days=1))
        else:
            row.delete()
    for member, is_deputy, starts_on, ends_on in wanted:
        Owner.objects.create(
            contract=contract,
            vendor_id=contract.vendor_id,
            member=member,
            name=member.name,
            duty=duty,
            is_deputy=is_deputy,
            starts_on=max(starts_on, day),
            ends_on=ends_on,
        )


def _is(row: Owner, wanted: Named) -> bool:
    """Whether the row says this already. Who is in charge may be so since long ago; an absence has its days."""
    member, is_deputy, starts_on, ends_on = wanted
    if (row.member_id, row.is_deputy, row.ends_on) != (member.pk, is_deputy, ends_on):
        return False
    return not is_deputy or row.starts_on == starts_on
