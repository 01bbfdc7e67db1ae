"""A claim as a letter, in PDF."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from credits.pages.letter import claim_letter, claimed_together, made_at
from credits.querysets.cash import items_of_claims
from credits.views.claims import find
from lib.documents import as_pdf
from organisations.access import allows
from organisations.requests import MemberRequest


@require_safe
@allows("ledger.view")
def letter(request: MemberRequest, organisation: str, credit_claim_id: int) -> HttpResponse:
    """With what was claimed of the contract at the same time. The same claims in the same state make the same bytes."""
    claim = find(credit_claim_id)
    claims = claimed_together(claim)
    if not claims:
        raise Http404("Nothing of this is claimed any more.")
    due = items_of_claims([one.pk for one in claims], [claim.contract_id], timezone.now())
    data = claim_letter(claim, claims, due, request.membership.organisation.name)
    name = "".join(mark if mark.isalnum() else "-" for mark in claim.reference.lower())
    response = HttpResponse(as_pdf("claim_letter", data, at=made_at(claims)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="claim-{name}.pdf"'
    return response
