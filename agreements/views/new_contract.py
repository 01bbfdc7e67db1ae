"""A new contract is begun: from a template, another contract, the catalogue, a file, or nothing."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agreements.actions import InCharge, begin_contract
from agreements.drafting.levels import Document
from agreements.drafting.starts import first_version, from_contract, from_metrics, from_template, starting_points
from agreements.forms.new_contract import CATALOGUE, CONTRACT, FILE, TEMPLATE, WAYS, NewContractForm, show_problems
from agreements.forms.parts import WEEK
from agreements.models import Revision
from agreements.rules import Status
from contracts import contract_file
from contracts.contract_file import BadFile
from contracts.models import Contract
from contracts.rules import REPORT_DUE, Duty, FileRefused
from lib.errors import Refused, RuleBroken
from lib.htmx import render_part
from organisations.access import allows
from organisations.models import Membership, Vendor
from organisations.requests import MemberRequest
from organisations.rules import Role
from slas.actions import file_of
from slas.own_metrics import offered_metrics

PAGE = "agreements/new_contract.html"
DRAFTS = 6  # that are named
USUAL = {"begin": TEMPLATE, "currency": "GBP", "timezone": "Europe/London", "holidays": "GB-ENG", "weekdays": WEEK}


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def new_contract(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?template=cloud_uptime`, `?contract=7` or `?metrics=IT-03` begins with that one. POST makes the draft and leads to its parts."""
    if request.method != "POST":
        return _show(request, _form(initial=_asked(request)))
    form = _form(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, 422)
    given = form.cleaned_data
    owners = tuple(
        InCharge(duty, form.people[given[name]])
        for name, duty in (("manager", Duty.ACCOUNT_MANAGER), ("procurement", Duty.PROCUREMENT))
        if given[name]
    )
    try:
        made = begin_contract(by=request.membership, document=_document(form), owners=owners)
    except (FileRefused, BadFile) as refused:
        show_problems(form, refused.problems)
        return _show(request, form, 422)
    except RuleBroken as refused:
        form.add_error(
            "reference" if refused.code == "reference" and given["begin"] != FILE else None, refused.sentence
        )
        return _show(request, form, 422)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _show(request, form, refused.status)
    messages.success(request, "The draft is kept. Look through its parts, then submit it")
    return redirect("revision-parts", organisation, made.pk)


def _document(form: NewContractForm) -> str:
    """The text of the file that the draft begins with. BadFile, with its problems, where what was typed cannot be one."""
    given = form.cleaned_data
    if given["begin"] == FILE:
        return str(given["source"])
    return contract_file.write(first_version(form.part(), _parts(given)))


def _parts(given: dict[str, Any]) -> Document:
    way, day = given["begin"], given["starts_on"]
    if way == TEMPLATE:
        return from_template(starting_points()[given["template"] or next(iter(starting_points()))], day)
    if way == CONTRACT:
        other = Contract.objects.get(pk=given["contract"])
        return from_contract(file_of(other), _on(other), day)
    if way == CATALOGUE:
        known = offered_metrics()
        return from_metrics([known[code] for code in given["metrics"]], day)
    return {}


def _on(contract: Contract) -> date:
    """The day whose terms are copied: today, or the nearest of the contract's term."""
    return max(contract.starts_on, min(contract.ends_on, contract.day(timezone.now())))


def _asked(request: MemberRequest) -> dict[str, Any]:
    asked = {name: request.GET[name] for name in (TEMPLATE, CONTRACT) if request.GET.get(name)}
    asked_for = request.GET.getlist("metrics")
    known = offered_metrics() if asked_for else {}
    chosen = [code for code in asked_for if code in known]
    way = CATALOGUE if chosen else next(iter(asked), TEMPLATE)
    return {**USUAL, "report_due": REPORT_DUE, **asked, "metrics": chosen, "begin": way}


def _form(*args: Any, **more: Any) -> NewContractForm:
    people = Membership.objects.active().order_by("name", "pk")
    staff = list(people.filter(role__in=(Role.ACCOUNT_MANAGER, Role.PROCUREMENT)))
    return NewContractForm(
        *args,
        vendors=list(Vendor.objects.current().order_by("name", "pk")),
        contracts=list(
            Contract.objects.filter(agreed=True).only("pk", "reference", "title").order_by("reference", "pk")
        ),
        managers=[one for one in staff if one.role == Role.ACCOUNT_MANAGER],
        officers=[one for one in staff if one.role == Role.PROCUREMENT],
        **more,
    )


def _show(request: MemberRequest, form: NewContractForm, status: int = 200) -> HttpResponse:
    points = list(starting_points().values())
    drafts = Revision.objects.filter(status=Status.DRAFT, contract__agreed=False).select_related("contract", "draft")
    context = {
        "form": form,
        "begin": form["begin"].value() or TEMPLATE,
        "ways": WAYS,
        "template": form["template"].value() or points[0].key,
        "points": points,
        "drafts": drafts.defer("draft__document", "draft__base").order_by("-draft__saved_at")[:DRAFTS],
    }
    return render_part(request, PAGE, "new_contract", context, status)
