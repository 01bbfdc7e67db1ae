"""Review packs: the list, one being written, its sections, its versions and their files."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from contracts.mine import owner_filter
from contracts.models import Contract
from lib.errors import Conflict, Gone, Refused
from lib.htmx import render_part, render_refused, seen_version, varied, wants_part
from lib.months import after, format_months
from lib.posts import posted_from
from lib.tables import CHUNK, Export
from lib.wakeup import wake_workers
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.models import Vendor
from organisations.requests import MemberRequest
from scorecards import exports
from scorecards.actions import (
    ask_for_edition,
    begin_pack,
    cancel_edition,
    change_pack,
    move_section,
    publish_edition,
    save_as_template,
    write_section,
)
from scorecards.forms import PackForm, SectionForm
from scorecards.models import (
    PackContract,
    PackEdition,
    PackFile,
    PackHandover,
    PackSection,
    PackTemplate,
    ReviewPack,
)
from scorecards.pages.packs import SectionRow, making_of, preview_of, published_of
from scorecards.review.facts import facts_of
from scorecards.review.sentences import sentences_of
from scorecards.rules import PAGES, FileKind, PackStatus

PER_PAGE = 50
USUAL_MONTHS = 3
TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@allows("pack.view")
def packs(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """The packs about one's own contracts, or all; the latest months first."""
    owner = owner_filter(request.GET.get("owner", ""), request.membership, timezone.now())
    rows = ReviewPack.objects.select_related("vendor").order_by("-last", "vendor__name", "-pk")
    if owner.mine:
        rows = rows.filter(pk__in=owner.of(PackContract.objects.all(), "contract").values("pack"))
    rows = rows.annotate(
        versions=Count("editions", filter=Q(editions__status=PackStatus.PUBLISHED)),
        published_at=Max("editions__published_at"),
    )
    export = Export.asked("review-packs", exports.PACKS, request.GET, owner.kept)
    if export:
        return export.answer(lambda: rows.iterator(CHUNK), rows.count())
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = [(pack, format_months(pack.first, pack.last)) for pack in page]
    context = {
        "page": page,
        "export": export,
        "rows": shown,
        "may_draft": request.membership.may("pack.draft"),
        "owner": owner,
        "owners": owner.choices({}),
        "query": f"{urlencode(owner.kept)}&" if owner.kept else "",
    }
    return render_part(request, "scorecards/packs.html", "packs", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allows("pack.draft")
def new(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?vendor=12`: without it the vendors to choose from."""
    given = request.GET.get("vendor", "")
    if not given:
        offered = Vendor.objects.filter(contracts__isnull=False).distinct().order_by("name")
        return render_part(request, "scorecards/pack_new.html", "new", {"vendors": offered})
    if (asked := whole(given)) is None:
        raise Http404("No such vendor.")
    vendor = get_object_or_404(Vendor, pk=asked)
    contracts, template = _contracts_of(vendor.pk), PackTemplate.objects.first()
    form = PackForm(request.POST or None, offered=contracts, initial=_usual(contracts, template))
    context = {"vendor": vendor, "form": form, "template": template}
    if request.method != "POST":
        return render_part(request, "scorecards/pack_new.html", "new", context)
    if not form.is_valid():
        return render_part(request, "scorecards/pack_new.html", "new", context, status=422)
    try:
        made = begin_pack(by=request.membership, **form.cleaned_data)
    except Refused as refused:
        return render_refused(request, "scorecards/pack_new.html", "new", context, refused)
    return redirect("review-pack", organisation, made.pk)


def _usual(contracts: list[Contract], template: PackTemplate | None) -> dict[str, Any]:
    """What a new pack begins with: as many months as the template says, up to the last one, and of the vendor's contracts those that run
    in them, or the first of those."""
    last = after(timezone.now().date().replace(day=1), -1)
    first = after(last, 1 - (template.months if template else USUAL_MONTHS))
    usual = [str(one.pk) for one in contracts if one.starts_on < after(last) and one.ends_on >= first]
    return {
        "first": first,
        "last": last,
        "contracts": usual if template and template.every_contract else usual[:1],
    }


def _contracts_of(vendor: int) -> list[Contract]:
    found = Contract.objects.filter(vendor=vendor).select_related("vendor").defer("document")
    return list(found.order_by("reference"))


@require_safe
@allows("pack.view")
def pack(request: MemberRequest, organisation: str, review_pack: int) -> HttpResponse:
    """`?suggest=scorecard`: sentences for that section."""
    return _show(request, _find(review_pack))


def _find(review_pack: int) -> ReviewPack:
    return get_object_or_404(ReviewPack.objects.select_related("vendor"), pk=review_pack)


def _editions(found: ReviewPack) -> list[PackEdition]:
    files = PackFile.objects.exclude(kind=FileKind.CONTENT).defer("content")
    handed = PackHandover.objects.only("edition")
    return list(found.editions.prefetch_related(Prefetch("files", files), Prefetch("handovers", handed)))


def _contracts_in(found: ReviewPack) -> QuerySet[Contract]:
    return Contract.objects.filter(pk__in=found.contracts.values("contract")).order_by("reference")


def _context(request: MemberRequest, found: ReviewPack) -> dict[str, Any]:
    editions = _editions(found)
    return {
        "pack": found,
        "months": format_months(found.first, found.last),
        "making": making_of(editions),
        "published": published_of(editions),
        "preview": preview_of(editions),
        "may_draft": request.membership.may("pack.draft"),
        "may_publish": request.membership.may("pack.publish"),
    }


def _show(
    request: MemberRequest,
    found: ReviewPack,
    status: int = 200,
    form: PackForm | None = None,
    row: SectionRow | None = None,
) -> HttpResponse:
    """`form`, `row`: what was typed and could not be saved."""
    rows = [row if row and row.section.pk == one.pk else SectionRow(one) for one in found.sections.all()]
    chosen = list(_contracts_in(found).select_related("vendor").defer("document"))
    asked = request.GET.get("suggest", "")
    for one in rows:
        if asked and one.section.name == asked:
            one.sentences = sentences_of(asked, facts_of(chosen, found.first, found.last))
    initial = {
        "first": found.first,
        "last": found.last,
        "meeting_on": found.meeting_on,
        "contracts": [str(contract.pk) for contract in chosen],
    }
    context = _context(request, found) | {
        "rows": rows,
        "chosen": chosen,
        "chosen_sections": sum(row.section.chosen for row in rows),
        "template": PackTemplate.objects.first(),
        "form": form or PackForm(offered=_contracts_of(found.vendor_id), initial=initial),
    }
    return render_part(
        request, "scorecards/pack.html", {"sections": "sections", "making": "making"}, context, status=status
    )


@posted_from("review-pack")
@allows("pack.draft")
def change(request: MemberRequest, organisation: str, review_pack: int) -> HttpResponse:
    """Other contracts, months or meeting."""
    found = _find(review_pack)
    form = PackForm(request.POST, offered=_contracts_of(found.vendor_id))
    if not form.is_valid():
        return _show(request, found, 422, form)
    try:
        change_pack(by=request.membership, pack=found, seen=seen_version(request), **form.cleaned_data)
    except Refused as refused:
        refused.add_to(form)
        return _show(request, _find(review_pack), refused.status, form)
    messages.success(request, "The pack is changed. Versions made before stay as they are.")
    return redirect("review-pack", organisation, review_pack)


@posted_from("review-pack")
@allows("pack.draft")
def template(request: MemberRequest, organisation: str, review_pack: int) -> HttpResponse:
    """Packs begin like this one from now on."""
    save_as_template(by=request.membership, pack=_find(review_pack))
    messages.success(request, "Saved as the template: the next packs begin with these sections and as many months.")
    return redirect("review-pack", organisation, review_pack)


def _page_of(model: type[PackSection] | type[PackEdition], pk: int, request: MemberRequest) -> str:
    """The address of the pack that has the row. Http404 where it is not for the reader: a vendor's role has no right on the table."""
    if not request.membership.may("pack.view"):
        raise Http404("Not for vendors.")
    pack: int = get_object_or_404(model.objects.values_list("pack", flat=True), pk=pk)
    return reverse("review-pack", args=[request.membership.organisation.slug, pack])


def _of_section(request: MemberRequest, organisation: str, pack_section: int) -> str:
    return _page_of(PackSection, pack_section, request)


@posted_from(_of_section)
@allows("pack.draft")
def section(request: MemberRequest, organisation: str, pack_section: int) -> HttpResponse:
    """Save what is said, add a sentence that was offered, or move the section; htmx gets what changed."""
    found = get_object_or_404(PackSection.objects.select_related("pack__vendor"), pk=pack_section)
    form = SectionForm(request.POST)
    row = SectionRow(found)
    if not form.is_valid():
        row.problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
        row.typed = request.POST.get("commentary", "")
        return _section(request, row, 422)
    given = form.cleaned_data
    try:
        write_section(
            by=request.membership,
            section=found,
            commentary=given["commentary"],
            chosen=given["chosen"],
            seen=seen_version(request),
        )
    except Conflict:
        found.refresh_from_db()
        row.theirs, row.typed = found.commentary or "(nothing)", given["commentary"]
        return _section(request, row, 409)
    except Refused as refused:
        row.problem, row.typed = refused.sentence, given["commentary"]
        return _section(request, row, refused.status)
    if "up" in request.POST or "down" in request.POST:
        move_section(by=request.membership, section=found, up="up" in request.POST)
        if wants_part(request):
            return _show(request, found.pack)
        return redirect("review-pack", organisation, found.pack_id)
    row.saved = True
    return _section(request, row)


def _section(request: MemberRequest, row: SectionRow, status: int = 200) -> HttpResponse:
    """The section alone, or without htmx the page."""
    if wants_part(request):
        response = render(request, "scorecards/pack_section.html", {"row": row, "may_draft": True}, status=status)
        response.is_fragment = True  # type: ignore[attr-defined]
        return varied(response)
    if status == 200:
        return redirect("review-pack", request.membership.organisation.slug, row.section.pack_id)
    return _show(request, row.section.pack, status, row=row)


# Versions ----------------------------------------------------------------------------------------------------------


@posted_from("review-pack")
@allows("pack.draft")
def make(request: MemberRequest, organisation: str, review_pack: int) -> HttpResponse:
    """Have the next version made. A worker does it; the page says how far it is."""
    ask_for_edition(by=request.membership, pack=_find(review_pack))
    wake_workers(request.membership.organisation_id)
    return redirect("review-pack", organisation, review_pack)


@require_GET
@allows("pack.view")
def making(request: MemberRequest, organisation: str, review_pack: int) -> HttpResponse:
    """How far the latest version is; asked every two seconds while it is made. When it is done, the whole page is fetched again."""
    found = _find(review_pack)
    if not wants_part(request):
        return redirect("review-pack", organisation, review_pack)
    context = _context(request, found)
    response = render(request, "scorecards/pack_making.html", context)
    response.is_fragment = True  # type: ignore[attr-defined]
    if not (context["making"] and context["making"].live):
        response["HX-Refresh"] = "true"
    return varied(response)


def _of_edition(request: MemberRequest, organisation: str, pack_edition: int) -> str:
    return _page_of(PackEdition, pack_edition, request)


@posted_from(_of_edition)
@allows("pack.draft")
def cancel(request: MemberRequest, organisation: str, pack_edition: int) -> HttpResponse:
    found = get_object_or_404(PackEdition, pk=pack_edition)
    # A version that goes on being made while somebody reads is still the one that they cancel.
    cancel_edition(by=request.membership, edition=found)
    return redirect("review-pack", organisation, found.pack_id)


@posted_from(_of_edition)
@allows("pack.publish")
def publish(request: MemberRequest, organisation: str, pack_edition: int) -> HttpResponse:
    found = get_object_or_404(PackEdition.objects.select_related("pack"), pk=pack_edition)
    handed = "handed_over" in request.POST
    publish_edition(by=request.membership, edition=found, handed_over=handed, seen=seen_version(request))
    tail = " The vendor has it, too." if handed else ""
    messages.success(request, f"Version {found.number} is published. Its files stay as they are.{tail}")
    return redirect("review-pack", organisation, found.pack_id)


@require_safe
@allows("pack.view")
def pdf(request: MemberRequest, organisation: str, pack_edition: int) -> HttpResponse:
    return _file(pack_edition, FileKind.PDF)


@require_safe
@allows("pack.view")
def excel(request: MemberRequest, organisation: str, pack_edition: int) -> HttpResponse:
    return _file(pack_edition, FileKind.XLSX)


@require_safe
@allows("pack.view")
def page_image(request: MemberRequest, organisation: str, pack_edition: int, page: int) -> HttpResponse:
    """One of the first pages as it is printed, as a picture."""
    if not 1 <= page <= len(PAGES):
        raise Http404("No such page.")
    found = get_object_or_404(PackFile, edition=pack_edition, kind=PAGES[page - 1])
    return HttpResponse(bytes(found.content), content_type="image/png")


def _file(pack_edition: int, kind: FileKind) -> HttpResponse:
    """A file of a version as it was made. Gone where it is not that any more."""
    edition = get_object_or_404(PackEdition.objects.select_related("pack__vendor"), pk=pack_edition)
    found = get_object_or_404(PackFile, edition=edition, kind=kind)
    if not found.is_intact:
        sentence = "This file is not the one that was made, so it is not handed out. Make the pack again."
        raise Gone("pack_damaged", sentence)
    name = f"{edition.pack.vendor.code}-{edition.pack.last:%Y-%m}-v{edition.number}.{kind}"
    return attachment(bytes(found.content), kind, name)


def attachment(content: bytes, kind: FileKind, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
