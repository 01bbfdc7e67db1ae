"""Why a result is so, as a page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from evaluation.models import PastResult, Result
from explanations.explanation import explain, explain_former
from explanations.parts import Counted, Explanation
from organisations.access import allows


@require_GET
@allows("result.view")
def result_explanation(request: HttpRequest, organisation: str, result: int) -> HttpResponse:
    """The explanation of one result; a result of another vendor is not there for a vendor's people. At most eight statements."""
    found = get_object_or_404(Result, pk=result)
    explanation = explain(found)
    return render(
        request, "explanations/explanation.html", {"explanation": explanation, "counted": _counted(found, explanation)}
    )


def _counted(result: Result, explanation: Explanation) -> list[tuple[Counted, int | None]]:
    """The month's periods with points, each with the result that explains them."""
    slots = explanation.money.counted if explanation.money else ()
    if len(slots) < 2:
        return [(slot, None) for slot in slots]
    found = Result.objects.filter(contract=result.contract_id, month=result.month)
    results = {(code, day): pk for pk, code, day in found.values_list("pk", "service_level__code", "starts_on")}
    return [(slot, results.get((slot.code, slot.starts_on))) for slot in slots]


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
