"""The same change of many contracts in the browser: chosen, described, worked out, submitted, decided on, followed up."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from agreements import exports
from agreements import querysets as find
from agreements.actions import (
    approve_bulk,
    begin_bulk,
    change_of,
    has_approved,
    leave_out,
    needed_for,
    send_back_bulk,
    submit_bulk,
    withdraw_bulk,
    work_out_again,
)
from agreements.forms.bulk import BulkForm, SubmitForm, initial_of, numbers
from agreements.forms.revisions import DecideForm
from agreements.models import BulkRevision, BulkRevisionContract
from agreements.pages.bulk import Progress, bulk_page, state_of
from agreements.rules import BULK_MOVES, MOST_CONTRACTS, BulkPart, BulkStatus, Status, day_come
from agreements.views.contracts import SHOWS
from contracts.mine import owner_filter
from contracts.models import Contract
from contracts.wording import format_many
from lib.errors import Refused
from lib.htmx import render_part, seen_version, varied, wants_part
from lib.months import after
from lib.posts import posted_from
from lib.tables import CHUNK, Export, in_chunks
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest
from slas.models import ServiceLevel
from slas.own_metrics import known_metrics

LIST, FORM, PAGE = "agreements/bulk/list.html", "agreements/bulk/form.html", "agreements/bulk/bulk.html"
SHOWN = 30  # on a page of the list
ROWS = 40  # contracts on a page of the table
NAMED = 8


@require_safe
@allows("bulk_revision.view")
def bulk_revisions(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """All of them, the newest first, with how far the vendors are."""
    taking = Q(parts__status=BulkPart.READY)
    found = BulkRevision.objects.annotate(contracts=Count("parts", filter=taking)).order_by("-created_at", "-pk")
    export = Export.asked("bulk-revisions", exports.BULK, request.GET, {})
    if export:
        return export.answer(lambda: in_chunks(found.iterator(CHUNK), _listed), found.count())
    page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    may_draft = request.membership.may("revision.draft")
    context = {"page": page, "rows": _listed(list(page.object_list)), "export": export, "may_draft": may_draft}
    return render_part(request, LIST, "bulk_revisions", context)


def _listed(found: list[BulkRevision]) -> list[tuple[BulkRevision, str, str, str]]:
    """With what changes, and its state. One statement."""
    statuses: dict[int, list[str]] = {}
    shown = BulkRevisionContract.objects.filter(bulk_revision__in=found, revision__isnull=False)
    for pk, status in shown.values_list("bulk_revision_id", "revision__status"):
        statuses.setdefault(pk, []).append(status)
    return [(bulk, change_of(bulk).words, *state_of(bulk, statuses.get(bulk.pk, []))) for bulk in found]


# Choosing and describing ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def new(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?contract=3&contract=8`, or `?all=1` with the filters of the list of contracts. POST begins to work it out."""
    chosen = _chosen(request)
    first = after(timezone.now().date().replace(day=1), 2)  # approval and consent take their time
    initial = {"kind": "charges", "bands": "keep", "day": first, "contracts": ",".join(str(one.pk) for one in chosen)}
    form = BulkForm(request.POST or None, metrics=_metrics([one.pk for one in chosen]), initial=initial)
    context = {"form": form, "chosen": chosen[:NAMED], "more": max(len(chosen) - NAMED, 0), "count": len(chosen)}
    context |= {"too_many": len(chosen) > MOST_CONTRACTS and MOST_CONTRACTS}
    if request.method != "POST":
        return render_part(request, FORM, "bulk_form", context)
    if not form.is_valid():
        return render_part(request, FORM, "bulk_form", context, 422)
    given = form.cleaned_data
    try:
        made = begin_bulk(
            by=request.membership,
            contracts=given["contracts"],
            kind=given["kind"],
            change=form.change(),
            day=given["day"],
            title=given["title"],
            reason=given["reason"],
        )
    except Refused as refused:
        refused.add_to(form)
        return render_part(request, FORM, "bulk_form", context, refused.status)
    wake_workers(request.membership.organisation_id)
    return redirect("bulk-revision", organisation, made.pk)


def _chosen(request: MemberRequest) -> list[Contract]:
    """The contracts that the form is about: as it carries them, as they were ticked, or all that the list's filters leave."""
    now, found = timezone.now(), find.matching("")
    if request.method == "POST":
        return list(found.filter(pk__in=numbers(request.POST.get("contracts", ""))))
    if not request.GET.get("all"):
        return list(found.filter(pk__in=numbers(",".join(request.GET.getlist("contract")))))
    return list(_filtered(request.GET, request.membership, now))


def _filtered(given: QueryDict, member: Membership, now: Any) -> Any:
    owner = owner_filter(given.get("owner", ""), member, now)
    show = given.get("show", "")
    return find.shown(owner.of(find.matching(given.get("q", "").strip()[:80])), show if show in SHOWS else "", now)


def _metrics(contracts: Sequence[int]) -> list[tuple[str, str]]:
    """What the contracts measure by the catalogue, with how many service levels of how many contracts do."""
    levels = ServiceLevel.objects.filter(contract__in=contracts).exclude(metric="").order_by("metric").values("metric")
    counted = levels.annotate(levels=Count("pk"), contracts=Count("contract", distinct=True))
    names = {code: metric.name for code, metric in known_metrics().items()}
    return [
        (
            one["metric"],
            f"{one['metric']} {names.get(one['metric'], '')} ({format_many(one['levels'], 'level')} "
            f"in {format_many(one['contracts'], 'contract')})",
        )
        for one in counted
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allows("revision.draft")
def change(request: MemberRequest, organisation: str, bulk_revision: int) -> HttpResponse:
    """Another change, day, title or reason, or the same on the data of now. POST works it out again."""
    bulk = _find(bulk_revision)
    pks = list(bulk.parts.values_list("contract_id", flat=True))
    initial = {"kind": bulk.kind, "title": bulk.title, "reason": bulk.reason, "day": bulk.effective_on, "bands": "keep"}
    initial |= initial_of(bulk.kind, bulk.change)
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["kind"] = bulk.kind
    form = BulkForm(data, metrics=_metrics(pks), initial=initial)
    context: dict[str, Any] = {"form": form, "bulk": bulk, "count": len(pks)}
    if data is None:
        return render_part(request, FORM, "bulk_form", context)
    if not form.is_valid():
        return render_part(request, FORM, "bulk_form", context, 422)
    given = form.cleaned_data
    try:
        work_out_again(
            by=request.membership,
            bulk_revision=bulk,
            change=form.change(),
            day=given["day"],
            title=given["title"],
            reason=given["reason"],
            seen=seen_version(request),
        )
    except Refused as refused:
        refused.add_to(form)
        context["bulk"] = _find(bulk_revision)
        return render_part(request, FORM, "bulk_form", context, refused.status)
    wake_workers(request.membership.organisation_id)
    return redirect("bulk-revision", organisation, bulk_revision)


# One of them ---------------------------------------------------------------------------------------------------------


def _find(pk: int) -> BulkRevision:
    return get_object_or_404(BulkRevision, pk=pk)


@require_safe
@allows("bulk_revision.view")
def bulk(request: MemberRequest, organisation: str, bulk_revision: int) -> HttpResponse:
    """What it comes to for each contract and in sum; the decision where it waits for the reader."""
    return _show(request, _find(bulk_revision))


def _show(
    request: MemberRequest, found: BulkRevision, status: int = 200, form: DecideForm | None = None, **more: Any
) -> HttpResponse:
    member, rows = request.membership, _parts(found)
    shown = bulk_page(found, rows)
    ready = [part for part in rows if part.status == BulkPart.READY]
    waits = [part for part in ready if part.revision is not None and part.revision.status == Status.SUBMITTED]
    undecided, own = found.status == BulkStatus.SUBMITTED and bool(waits), member.user_id in found.writers
    approved = undecided and has_approved(found, member.user_id or 0)
    page = Paginator(shown.rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "bulk": found,
        "shown": shown,
        "progress": shown.progress,
        "page": page,
        "words": change_of(found).words,
        "live": found.status == BulkStatus.WORKING_OUT,
        "is_open": found.status == BulkStatus.WORKED_OUT,
        "undecided": undecided,
        "own": own,
        "needed": found.needed or (needed_for(found, ready) if ready else 0),
        "has_approved": approved,
        "day_come": undecided and day_come(found.effective_on, timezone.now().date()),
        "may_draft": member.may("revision.draft"),
        "may_change": BulkStatus.WORKING_OUT in BULK_MOVES.get(found.status, ()),
        "may_withdraw": BulkStatus.WITHDRAWN in BULK_MOVES.get(found.status, ()),
        "may_decide": undecided and not own and not approved and member.may("revision.approve"),
        "form": form or DecideForm(),
        "submit_form": SubmitForm(unfit=shown.unfit_count),
        **more,
    }
    return render_part(request, PAGE, {"bulk-table": "table"}, context, status)


def _parts(found: BulkRevision) -> list[BulkRevisionContract]:
    """All of its contracts, without their files. One statement."""
    rows = found.parts.select_related("contract__vendor", "revision")
    return list(rows.defer("contract__document", "contract__rules").order_by("contract__reference"))


@require_GET
@allows("bulk_revision.view")
def progress(request: MemberRequest, organisation: str, bulk_revision: int) -> HttpResponse:
    """How many contracts are worked out; asked every two seconds meanwhile. When it is done, the whole page is fetched again."""
    found = _find(bulk_revision)
    if not wants_part(request):
        return redirect("bulk-revision", organisation, bulk_revision)
    live = found.status == BulkStatus.WORKING_OUT
    counted = found.parts.aggregate(of=Count("pk"), waiting=Count("pk", filter=Q(status=BulkPart.WAITING)))
    context = {
        "bulk": found,
        "progress": Progress(**counted),
        "live": live,
        "may_draft": request.membership.may("revision.draft"),
    }
    response = render(request, "agreements/bulk/progress.html", context)
    response.is_fragment = True  # type: ignore[attr-defined]
    if not live:
        response["HX-Refresh"] = "true"
    return varied(response)


@posted_from("bulk-revision")
@allows("revision.draft")
def act(request: MemberRequest, organisation: str, bulk_revision: int) -> HttpResponse:
    """Stop or withdraw it, submit it (`do` says which), leave a contract `out`, or take it `in` again."""
    found, member, done = _find(bulk_revision), request.membership, request.POST.get("do", "")
    given: dict[str, Any] = {"by": member, "bulk_revision": found, "seen": seen_version(request)}
    out, back = (numbers(request.POST.get(name, "")) for name in ("out", "in"))
    try:
        if done == "withdraw":
            withdraw_bulk(**given)
        elif done == "submit":
            submit_bulk(**given, without="without" in request.POST)
        elif out or back:
            leave_out(**given, contract=(out or back)[0], out=bool(out))
    except Refused as refused:
        return _show(request, _find(bulk_revision), refused.status, refused=refused)
    if done == "submit":
        messages.success(request, "Submitted")
    wake_workers(member.organisation_id)
    return redirect("bulk-revision", organisation, bulk_revision)


@posted_from("bulk-revision")
@allows("revision.approve")
def decide(request: MemberRequest, organisation: str, bulk_revision: int) -> HttpResponse:
    """Approve all of it, or send it back. 409 where something has changed since it was looked at."""
    found, member, form = _find(bulk_revision), request.membership, DecideForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 422, form)
    given: dict[str, Any] = {"by": member, "bulk_revision": found, "seen": seen_version(request)}
    approving = form.cleaned_data["decision"] == DecideForm.APPROVE
    try:
        if approving:
            approve_bulk(**given)
        else:
            send_back_bulk(**given, reason=form.cleaned_data["reason"])
    except Refused as refused:
        return _show(request, _find(bulk_revision), refused.status, form, refused=refused)
    wake_workers(member.organisation_id)
    messages.success(request, "Approved" if approving else "Sent back")
    return redirect("bulk-revision", organisation, bulk_revision)
