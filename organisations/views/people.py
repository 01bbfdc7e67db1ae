"""The people of an organisation: the lists, and one of them with what can be changed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from lib import clock
from lib.errors import Refused
from lib.htmx import render_part
from lib.posts import posted_from
from lib.tables import CHUNK, Export
from lib.wakeup import wake_workers
from organisations import exports
from organisations.access import allows
from organisations.actions import change_role, disable_member, invite_all, rejoin_member
from organisations.actions.invitations import RowsRefused
from organisations.forms import MemberForm, VersionForm
from organisations.models import Invitation, Membership
from organisations.querysets import MembershipQuerySet
from organisations.requests import MemberRequest
from organisations.rules import Factor, roles_beside
from organisations.views.invitations import invitation_rows, invite_form
from organisations.wording import role_choices

PAGE = 50
VENDORS = 12  # listed with how many people they have
TABS = {"staff": "", "vendors": "Vendors’ people", "disabled": "Disabled"}
FACTOR_LOOKS = {Factor.PASSKEY: "met", Factor.CODE: "met", Factor.NONE: "risk"}


@require_GET
@allows("people.view")
def people(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?show=vendors&q=corvid&page=2`."""
    context = people_context(request)
    export: Export = context["export"]
    if export:
        member, found = request.membership, context["found"]
        return export.answer(lambda: (_row(one, member) for one in found.iterator(CHUNK)), found.count())
    return render_part(request, "organisations/people.html", "people", context)


def people_context(request: MemberRequest, form: Any = None) -> dict[str, Any]:
    """The page with an empty form to invite people, or with one that has something to correct."""
    member: Membership = request.membership
    show, words = request.GET.get("show", ""), request.GET.get("q", "").strip()[:80]
    show = show if show in TABS and not member.is_vendor else "vendors" if member.is_vendor else "staff"
    now = timezone.now()
    without = request.GET.get("without") == "1"
    found = _of(show).matching(words) if words else _of(show)
    found = found.without_factor() if without else found
    rows = found.with_bounce().with_presence().with_charges(timezone.localdate()).select_related("vendor")
    form = form or invite_form(member, now)
    invitations = invitation_rows(member, now, form)
    rows = rows.order_by("vendor__name", "name", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    state = {"show": show, "q": words, "without": "1" * without}
    counts = _counts()
    return {
        "page": page,
        "found": rows,
        "export": Export.asked("people", exports.COLUMNS, request.GET, state),
        "rows": [_row(one, member) for one in page],
        "show": show,
        "q": words,
        "query": "".join(f"{urlencode({name: value})}&" for name, value in state.items() if value),
        "only_without": without,
        "tabs": [] if member.is_vendor else _tabs(member, show, counts),
        "heading": _heading(member, show),
        "counts": counts,
        "without": counts["staff"] + counts["vendors"] - counts["staff_factor"] - counts["vendor_factor"],
        "vendor_counts": form.vendors[:VENDORS] if form and not member.is_vendor else [],
        "may_manage": member.may("people.manage"),
        "may_invite": member.may("people.invite"),
        "invitations": invitations,
        "waiting": sum(1 for one in invitations if not one["lapsed"]),
        "form": form,
    }


def _of(show: str) -> MembershipQuerySet:
    people: MembershipQuerySet = Membership.objects.people()
    if show == "disabled":
        return people.filter(is_active=False)
    return people.active().filter(vendor__isnull=show == "staff")


def _counts() -> dict[str, int]:
    """How many people there are of each kind, and how many were last seen with a second factor. One statement."""
    here = Q(is_active=True)
    has_one = here & Q(presences__factor__in=[Factor.PASSKEY, Factor.CODE])
    counts: dict[str, int] = Membership.objects.people().aggregate(
        staff=Count("pk", filter=here & Q(vendor=None)),
        vendors=Count("pk", filter=here & Q(vendor__isnull=False)),
        disabled=Count("pk", filter=~here),
        staff_factor=Count("pk", filter=has_one & Q(vendor=None)),
        vendor_factor=Count("pk", filter=has_one & Q(vendor__isnull=False)),
    )
    return counts


def _tabs(member: Membership, show: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    here = reverse("people", args=[member.organisation.slug])
    return [
        {
            "label": label or member.organisation.name,
            "url": here if name == "staff" else f"{here}?show={name}",
            "current": show == name,
            "count": counts[name],
        }
        for name, label in TABS.items()
    ]


def _heading(member: Membership, show: str) -> str:
    if member.is_vendor:
        return member.vendor.name if member.vendor else ""
    return TABS[show] or member.organisation.name


def _row(one: Any, member: Membership) -> dict[str, Any]:
    return {
        "member": one,
        "you": one.pk == member.pk,
        "factor": Factor(one.factor).label if one.factor else "",
        "look": FACTOR_LOOKS[one.factor] if one.factor else "none",
        "seen_at": one.seen_at,
        "charges": one.charges,
        "deputies": one.deputies,
    }


@posted_from("people")
@allows("people.invite")
def invite(request: MemberRequest, organisation: str) -> HttpResponse:
    """Sends one or more invitations: all, or none and what is to be corrected."""
    member, now = request.membership, clock.database_now()
    form = invite_form(member, now, request.POST, request.FILES)
    if form is None:
        messages.error(request, "You are in charge of no contract: ask an administrator to invite people.")
        return redirect("people", organisation)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = invite_all(by=member, wanted=given["wanted"], note=given["note"], now=now)
        except RowsRefused as refused:
            for problem in refused.problems:
                form.add_error("file" if given.get("file") else "addresses", problem)
        else:
            wake_workers(member.organisation_id)
            messages.success(request, _sent(made))
            return redirect("people", organisation)
    return render(request, "organisations/people.html", people_context(request, form), status=422)


def _sent(made: list[Invitation]) -> str:
    return f"{made[0].email} is invited" if len(made) == 1 else f"{len(made)} people are invited"


# One person --------------------------------------------------------------------------------------------------------


def _find(pk: int) -> Membership:
    found = Membership.objects.people().with_bounce().with_presence().with_charges(timezone.localdate())
    return get_object_or_404(found.select_related("vendor"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("people.manage")
def person(request: MemberRequest, organisation: str, membership: int) -> HttpResponse:
    """GET: the person. POST: another role; with `version` as it was seen."""
    found = _find(membership)
    if request.method != "POST":
        return _show(request, found)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 422, error="Choose a role.")
    try:
        act = change_role if found.is_active else rejoin_member
        act(by=request.membership, member=found, **form.cleaned_data)
    except Refused as refused:
        return _show(
            request, _find(membership), refused.status, error=refused.sentence, chosen=form.cleaned_data["role"]
        )
    messages.success(request, f"{found.name} is {found.get_role_display().lower()}")
    return redirect("people", organisation)


@posted_from("person")
@allows("people.manage")
def disable(request: MemberRequest, organisation: str, membership: int) -> HttpResponse:
    """Takes the place away."""
    found, form = _find(membership), VersionForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 422, error="Look at the person again, and then decide.")
    try:
        disable_member(by=request.membership, member=found, **form.cleaned_data)
    except Refused as refused:
        return _show(request, _find(membership), refused.status, error=refused.sentence)
    messages.success(request, f"{found.name} is disabled")
    return redirect("people", organisation)


def _show(request: MemberRequest, found: Any, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "person": found,
        "row": _row(found, request.membership),
        "roles": role_choices(roles_beside(found.role)),
        "chosen": found.role,
        **more,
    }
    return render(request, "organisations/person.html", context, status=status)
