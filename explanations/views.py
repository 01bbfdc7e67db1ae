"""Why a result is so, as a page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from evaluation.models import PastResult, Result
from explanations import explanation as sheets
from organisations.access import allows


@require_GET
@allows("result.view")
def why(request: HttpRequest, organisation: str, result: int) -> HttpResponse:
    """The sheet of one result; a result of another vendor is not there for a vendor's people. At most seven statements."""
    found = get_object_or_404(Result, pk=result)
    return render(request, "explanations/explanation.html", {"sheet": sheets.sheet(found)})


@require_GET
@allows("result.view")
def why_former(request: HttpRequest, organisation: str, result: int, revision: int) -> HttpResponse:
    """The sheet of a judgement that no longer holds. At most five statements."""
    holding = get_object_or_404(Result, pk=result)
    try:
        sheet = sheets.former(holding, revision)
    except PastResult.DoesNotExist as none:
        raise Http404("No such judgement.") from none
    return render(request, "explanations/explanation.html", {"sheet": sheet})
