"""Who is in charge of a contract, and who stands in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.forms.contracts import OwnerForm
from contracts.actions import assign_owner
from contracts.in_charge import Charge, charges_of
from contracts.models import Contract
from contracts.rules import DUTY_ROLES, Duty, may_assign
from lib import clock
from lib.errors import Conflict, RuleBroken
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest

PAGE = "agreements/owners.html"
WORDS = {
    Duty.ACCOUNT_MANAGER: "Is notified of late figures, breaches and whatever waits for a decision.",
    Duty.PROCUREMENT: "Is notified when a rule of the contract is triggered, such as a right to terminate.",
    Duty.VENDOR_CONTACT: "Is notified for the vendor. With nobody here, all of its people are.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@allows("owner.assign")
def owners(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """Each duty is a form of its own, for those who may say it; the others are for reading. POST names one in `duty`."""
    found, now = get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id), timezone.now()
    if request.method != "POST":
        return _show(request, found, now)
    duty = request.POST.get("duty", "")
    form = OwnerForm(request.POST, people=[one for one in _people(found) if one.role in DUTY_ROLES.get(duty, ())])
    if not form.is_valid():
        return _show(request, found, now, form, 422)
    try:
        assign_owner(
            by=request.membership,
            contract=found,
            duty=duty,
            member=form.chosen,
            absence=form.absence,
            seen=form.cleaned_data["version"],
            now=clock.database_now(),
        )
    except Conflict as conflict:
        return _show(request, found, now, form, 409, conflict.sentence)
    except RuleBroken as broken:
        form.add_error(broken.code if broken.code in form.fields else None, broken.sentence)
        return _show(request, found, now, form, 422)
    messages.success(request, f"{Duty(duty).label}: {form.chosen.name if form.chosen else 'nobody'}")
    return redirect("owners", organisation, found.pk)


def _people(contract: Contract) -> list[Membership]:
    """Whoever can have a duty on the contract, by name: of the vendor's people, only those."""
    people = Membership.objects.active().filter(role__in=sorted(frozenset().union(*DUTY_ROLES.values())))
    return [one for one in people.order_by("name", "pk") if not one.is_vendor or one.vendor_id == contract.vendor_id]


def _show(
    request: MemberRequest,
    contract: Contract,
    now: datetime,
    given: OwnerForm | None = None,
    status: int = 200,
    moved_on: str = "",
) -> HttpResponse:
    """`given`: the form that was posted, in the place of its duty. After a conflict it is for what stands now."""
    member, people = request.membership, _people(contract)
    in_charge = not member.is_vendor and Contract.objects.mine(member.pk, now).filter(pk=contract.pk).exists()
    posted = given["duty"].value() if given else ""
    rows = []
    for charge in charges_of(contract, contract.day(now)):
        may = may_assign(member.role, charge.duty, in_charge=in_charge)
        own = given if posted == charge.duty else None
        rows.append(
            {
                "charge": charge,
                "words": WORDS[charge.duty],
                "form": (own or _form(charge, people)) if may else None,
                "version": own["version"].value() if own and not moved_on else charge.version,
                "moved_on": moved_on if own else "",
            }
        )
    context: dict[str, Any] = {"contract": contract, "rows": rows, "changes": any(row["form"] for row in rows)}
    return render(request, PAGE, context, status=status)


def _form(charge: Charge, people: Iterable[Membership]) -> OwnerForm:
    deputy = charge.deputy
    initial: dict[str, Any] = {"duty": charge.duty, "member": charge.owner.member_id if charge.owner else ""}
    if deputy:
        initial |= {"deputy": deputy.member_id, "starts_on": deputy.starts_on, "ends_on": deputy.ends_on}
    fitting = [one for one in people if one.role in DUTY_ROLES[charge.duty]]
    return OwnerForm(initial=initial, people=fitting, auto_id=f"{charge.duty}-%s")
