"""Which of a vendor's contracts one of its people sees."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from agreements.forms.contracts import AccessForm
from contracts.actions import limit_contracts
from contracts.models import Contract
from lib.errors import Refused
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest

PAGE = "agreements/access.html"


@require_http_methods(["GET", "HEAD", "POST"])
@allows("people.manage")
def access(request: MemberRequest, organisation: str, membership: int) -> HttpResponse:
    """For people of vendors; with `version` as it was seen, and 409 with what stands now where somebody was faster."""
    person = get_object_or_404(
        Membership.objects.people().select_related("vendor"), pk=membership, vendor__isnull=False
    )
    contracts = Contract.objects.filter(vendor=person.vendor_id).only("pk", "reference", "title", "vendor_id")
    offered = list(contracts.order_by("reference", "pk"))
    if request.method != "POST":
        return _show(request, person, AccessForm(initial=_stored(person), contracts=offered))
    form = AccessForm(request.POST, contracts=offered)
    if not form.is_valid():
        return _show(request, person, form, 422)
    try:
        limit_contracts(
            by=request.membership, member=person, contracts=form.chosen, version=form.cleaned_data["version"]
        )
    except Refused as refused:
        form.add_error("contracts" if refused.code == "contracts" else None, refused.sentence)
        person.refresh_from_db()
        return _show(request, person, form, refused.status)
    messages.success(request, f"{person.name} sees {_seen(person)}")
    return redirect("person", organisation, person.pk)


def _stored(person: Membership) -> dict[str, object]:
    some = person.contracts is not None
    return {
        "access": AccessForm.SOME if some else AccessForm.ALL,
        "contracts": [str(pk) for pk in person.contracts or ()],
    }


def _seen(person: Membership) -> str:
    if person.contracts is None:
        return "all contracts of the vendor"
    return f"{len(person.contracts)} contract{'' if len(person.contracts) == 1 else 's'} of the vendor"


def _show(request: MemberRequest, person: Membership, form: AccessForm, status: int = 200) -> HttpResponse:
    ticked = {str(value) for value in form["contracts"].value() or ()}
    context = {
        "person": person,
        "form": form,
        "now": _seen(person),
        "access": form["access"].value(),
        "contracts": [(one, key in ticked) for key, one in form.offered.items()],
        # After a conflict the form is for what stands now.
        "version": person.version if status in (200, 409) else form["version"].value(),
        "moved_on": status == 409,
    }
    return render(request, PAGE, context, status=status)
