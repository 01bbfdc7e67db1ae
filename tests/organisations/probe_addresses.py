"""Addresses for tests of the door alone, so that they do not depend on the pages there are."""

from typing import Any

from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import include, path

from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.access import allows, open_to_all, signed_in
from organisations.models import Vendor

REFUSALS = {"rule": RuleBroken, "role": NotAllowed, "stale": Conflict}


@allows("portfolio.view")
def vendors(request: HttpRequest, slug: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('app.request_id')")
        role, request_id = cursor.fetchone()
    names = sorted(vendor.name for vendor in Vendor.objects.all())
    return JsonResponse({"names": names, "role": role, "same_request": request_id == request.request_id})


@allows("contract.view")
def vendors_in_a_template(request: HttpRequest, slug: str) -> HttpResponse:
    return TemplateResponse(request, "components/empty.html", {"title": [v.name for v in Vendor.objects.all()]})


@allows("contract.view")
def write(request: HttpRequest, slug: str, status: int) -> HttpResponse:
    Vendor.objects.create(code=f"NEW-{status}", name="New vendor")
    return HttpResponse(status=status)


@allows("contract.view")
def refuse(request: HttpRequest, slug: str, why: str) -> HttpResponse:
    Vendor.objects.create(code="NEW", name="New vendor")
    raise REFUSALS[why](why, "The sentence for people.")


@allows("contract.view")
def stream(request: HttpRequest, slug: str, kind: str) -> Any:
    if kind == "file":
        return FileResponse(open(__file__, "rb"))
    return StreamingHttpResponse(vendor.name for vendor in Vendor.objects.all())


@allows("contract.view")
def fail(request: HttpRequest, slug: str) -> HttpResponse:
    Vendor.objects.create(code="NEW", name="New vendor")
    raise ValueError("on purpose")


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


@open_to_all
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("well")


@allows("contract.view")
def misplaced(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never")


urlpatterns = [
    path("", home, name="home"),
    path("health", health),
    path("misplaced", misplaced),
    path("o/<slug:slug>/vendors", vendors),
    path("o/<slug:slug>/template", vendors_in_a_template),
    path("o/<slug:slug>/write/<int:status>", write),
    path("o/<slug:slug>/refuse/<slug:why>", refuse),
    path("o/<slug:slug>/stream/<slug:kind>", stream),
    path("o/<slug:slug>/fail", fail),
    path("", include("config.urls")),  # whose names the shell around a page needs
]
