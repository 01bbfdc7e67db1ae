"""An edition of a revision as PDF, to be signed or filed."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from agreements.pages.agreed import agreed_document
from agreements.views.revisions import find
from lib.documents import as_pdf
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest


@require_safe
@allows("revision.view")
def agreed(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """`?edition=1`: the latest that the reader sees, or this one. The same edition in the same state makes the same bytes."""
    found, asked = find(revision_id, request.membership), whole(request.GET.get("edition", ""), 5)
    editions = found.editions.order_by("-number")
    if asked is not None:
        editions = editions.filter(number=asked)
    edition = editions.first()
    if edition is None:
        raise Http404
    steps = list(found.steps.all())
    at = max([edition.at, *(step.at for step in steps if step.edition == edition.number)])
    data = agreed_document(found, edition, steps, request.membership.organisation.name)
    name = "".join(letter if letter.isalnum() else "-" for letter in found.contract.reference.lower())
    response = HttpResponse(as_pdf("agreement", data, at=at), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}-revision-{found.number}-{edition.number}.pdf"'
    return response
