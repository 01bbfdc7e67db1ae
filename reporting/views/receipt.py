"""The receipt of figures that were handed over, as PDF."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from organisations.access import allows
from organisations.requests import MemberRequest
from reporting.pages.receipt_document import receipt_file
from reporting.views.submission import find


@require_safe
@allows("submission.view")
def submission_receipt(request: MemberRequest, organisation: str, submission_id: int) -> HttpResponse:
    """404 where it was never handed over, was withdrawn, or is changed again by its vendor."""
    member, row = request.membership, find(submission_id)
    if row.is_closed_to(member):
        raise Http404("These figures are closed.")
    made = receipt_file(row, client=member.organisation.name, accept_after=member.house.accept_after)
    if made is None:
        raise Http404("There is no receipt of these figures.")
    response = HttpResponse(made.content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return response
