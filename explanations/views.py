"""Why a result is so, as a page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from evaluation.models import PastResult, Result
from explanations.explanation import explain, explain_former
from organisations.access import allows


@require_GET
@allows("result.view")
def result_explanation(request: HttpRequest, organisation: str, result: int) -> HttpResponse:
    """The explanation of one result; a result of another vendor is not there for a vendor's people. At most seven statements."""
    found = get_object_or_404(Result, pk=result)
    return render(request, "explanations/explanation.html", {"explanation": explain(found)})


@require_GET
@allows("result.view")
def former_explanation(request: HttpRequest, organisation: str, result: int, revision: int) -> HttpResponse:
    """The explanation of a judgement that no longer holds. At most five statements."""
    holding = get_object_or_404(Result, pk=result)
    try:
        explanation = explain_former(holding, revision)
    except PastResult.DoesNotExist as none:
        raise Http404("No such judgement.") from none
    return render(request, "explanations/explanation.html", {"explanation": explanation})
