"""The review packs that a vendor was given."""

from hashlib import sha256

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from lib.errors import Gone
from lib.htmx import render_part
from lib.months import format_months
from lib.tables import CHUNK, Export
from lib.texts import format_checksum
from organisations.access import allows
from organisations.requests import MemberRequest
from scorecards import exports
from scorecards.models import PackHandover
from scorecards.rules import FileKind
from scorecards.views.packs import attachment

PER_PAGE = 50


@require_safe
@allows("pack.receive")
def handed_packs(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """The latest months first; of each the versions, the latest first."""
    found = PackHandover.objects.defer("pdf", "xlsx")
    export = Export.asked("review-packs", exports.HANDED, request.GET, {})
    if export:
        return export.answer(lambda: found.iterator(CHUNK), found.count())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "pack": one,
            "months": format_months(one.first, one.last),
            "pdf": format_checksum(one.pdf_sha256),
            "xlsx": format_checksum(one.xlsx_sha256),
        }
        for one in page
    ]
    return render_part(request, "scorecards/handed_packs.html", "packs", {"page": page, "rows": rows, "export": export})


@require_safe
@allows("pack.receive")
def pdf(request: MemberRequest, organisation: str, pack_handover: int) -> HttpResponse:
    return _file(pack_handover, FileKind.PDF)


@require_safe
@allows("pack.receive")
def excel(request: MemberRequest, organisation: str, pack_handover: int) -> HttpResponse:
    return _file(pack_handover, FileKind.XLSX)


def _file(pack_handover: int, kind: FileKind) -> HttpResponse:
    """As it was handed over. Gone where it is not that any more."""
    found = get_object_or_404(PackHandover.objects.select_related("vendor"), pk=pack_handover)
    content = bytes(getattr(found, kind))
    if sha256(content).hexdigest() != getattr(found, f"{kind}_sha256"):
        raise Gone("pack_damaged", "This file is not the one that was made. Ask your client to make the pack again.")
    return attachment(content, kind, f"{found.vendor.code}-{found.last:%Y-%m}-v{found.number}.{kind}")
