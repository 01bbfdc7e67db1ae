"""The receipt of figures that were handed over, as PDF."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lib.documents import as_pdf
from organisations.access import allows
from organisations.requests import MemberRequest
from reporting.pages.handing_over import receipt_of
from reporting.pages.receipt_document import receipt_document
from reporting.pages.submission_sheet import sheet_of
from reporting.querysets import month_report
from reporting.views.submission import decide_by_of, find


@require_safe
@allows("submission.view")
def submission_receipt(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    """404 where it was never handed over, was withdrawn, or is changed again by its vendor."""
    member, row = request.membership, find(submission_id)
    if row.is_closed_to(member):
        raise Http404("These figures are closed.")
    found = month_report(row)
    sheet = sheet_of(row, found, as_of=None)
    receipt = receipt_of(row, found, sheet.due_on)
    if receipt is None:
        raise Http404("There is no receipt of these figures.")
    with timezone.override(row.contract.timezone):  # what is late and what not is said by the contract's clock
        data = receipt_document(
            row, receipt, sheet, client=member.organisation.name, decide_by=decide_by_of(row, sheet, member)
        )
    response = HttpResponse(as_pdf("receipt", data, at=receipt.at), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{receipt.reference.lower()}.pdf"'
    return response
