"""The REST API, version 1: the same actions and the same scope as the pages."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import body, endpoint, page
from api.figures import raw_rows
from api.serializers import BreachOut, ContractOut, FiguresIn, MonthOut, ResultOut, ScorecardOut, SubmissionOut
from breaches.models import Breach
from contracts.models import Contract
from contracts.rules import FileRefused
from evaluation.models import Month, Result
from lib.months import month_of
from lib.wakeup import wake_workers
from measurements.actions import import_figures, stored_expectations
from measurements.figures_file import BadFigures, check_rows
from measurements.models import Submission
from organisations.actions import require
from scorecards.models import Publication, Scorecard


def _contract(contract_id: int) -> Contract:
    return get_object_or_404(Contract.objects.select_related("vendor"), pk=contract_id)


def _of_month(rows: QuerySet, request: Request) -> QuerySet:  # type: ignore[type-arg]
    """The rows of ?month=2025-01, or all of them."""
    month = request.query_params.get("month")
    if not month:
        return rows
    first = month_of(month)
    if first is None:
        raise ValidationError({"month": "Write a month as 2025-01."})
    return rows.filter(month=first)


@endpoint("GET", "contract.view", answers=ContractOut(many=True))
def contracts(request: Request, organisation: str) -> Response:
    """The contracts that one may see, by reference."""
    return page(request, Contract.objects.select_related("vendor").order_by("reference"), ContractOut)


@endpoint("GET", "contract.view", answers=ContractOut)
def contract(request: Request, organisation: str, contract_id: int) -> Response:
    """One contract."""
    return Response(ContractOut(_contract(contract_id)).data)


@endpoint("GET", "result.view", answers=ResultOut(many=True), query=("month",))
def results(request: Request, organisation: str, contract_id: int) -> Response:
    """The judgements of a contract's slots, of one month or of all."""
    rows = Result.objects.filter(contract=_contract(contract_id)).select_related("service_level")
    return page(request, _of_month(rows, request).order_by("starts_on", "service_level__code"), ResultOut)


@endpoint("GET", "result.view", answers=MonthOut(many=True))
def months(request: Request, organisation: str, contract_id: int) -> Response:
    """What a contract's points come to in money, month by month."""
    rows = Month.objects.filter(contract=_contract(contract_id)).annotate(edition=Publication.objects.edition_of_row())
    return page(request, rows.order_by("month"), MonthOut)


@endpoint("GET", "scorecard.view", answers=ScorecardOut(many=True), query=("month",))
def scorecards(request: Request, organisation: str, contract_id: int) -> Response:
    """Scores with their coverage, of one month or of all."""
    rows = Scorecard.objects.filter(contract=_contract(contract_id))
    rows = rows.annotate(edition=Publication.objects.edition_of_row())
    return page(request, _of_month(rows, request).order_by("month"), ScorecardOut)


@endpoint("GET", "breach.view", answers=BreachOut(many=True), query=("status",))
def breaches(request: Request, organisation: str) -> Response:
    """Breaches, the latest first; ?status=open for the open ones."""
    rows = Breach.objects.select_related("contract", "service_level").order_by("-opened_at", "-pk")
    status = request.query_params.get("status")
    return page(request, rows.filter(status=status) if status else rows, BreachOut)


@endpoint("GET", "submission.view", answers=SubmissionOut(many=True), query=("month",))
def submissions(request: Request, organisation: str, contract_id: int) -> Response:
    """What was reported for a contract, all revisions."""
    rows = Submission.objects.filter(contract=_contract(contract_id))
    return page(request, _of_month(rows, request).order_by("month", "revision"), SubmissionOut)


@endpoint("POST", "figures.import", takes=FiguresIn, answers={201: SubmissionOut(many=True)})
def figures(request: Request, organisation: str, contract_id: int) -> Response:
    """Report figures, as rows of the figures file: all of them or none.

    With `submit` a vendor's are refused (422, `unanswered`, each row in `errors`) while something is asked that no note answers.
    """
    found, given, member = _contract(contract_id), body(FiguresIn, request), request.membership
    require(member, "figures.import")
    try:
        rows = check_rows(raw_rows(given["figures"]), stored_expectations(found, member))
    except BadFigures as bad:
        raise FileRefused(bad.problems) from bad
    written = import_figures(
        by=member,
        contract=found,
        rows=rows,
        filename="API",
        reason=given.get("reason", ""),
        submit=given["submit"],
        declared=given["declared"],
    )
    wake_workers(member.organisation_id)
    return Response(SubmissionOut(written, many=True).data, status=201)
