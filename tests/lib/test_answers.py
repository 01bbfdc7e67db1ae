"""What every answer has: it is kept by nobody, and a failure names its request."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from organisations.access import open_to_all
from tests.cast import Cast


@open_to_all
def fails(request: HttpRequest, organisation: str = "") -> HttpResponse:
    raise ZeroDivisionError("of the test's own")


urlpatterns = [
    path("fails/", fails),
    path("o/<slug:organisation>/fails/", fails),
    path("o/<slug:organisation>/api/v1/fails/", fails),
    path("", include("config.urls")),
]
handler500 = "config.outage.failed"

PAGES = (
    "/",
    "/nowhere/",
    "/account/login/",
    "/account/password/reset/",
    "/account/nowhere/",
    "/o/nobody/",
    "/theme/",
    "/invitation/",
)
OF_PEOPLE = (
    "/",
    "/account/2fa/",
    "/account/email/",
    "/account/sessions/",
    "/account/logout/",
    "/o/aldermoor/nowhere/",
    "/o/nobody/",
)


def test_nothing_is_kept(cast: Cast, client_for: Callable, subtests: pytest.Subtests) -> None:
    for browser, paths in ((Client(), PAGES), (client_for(cast.marco), OF_PEOPLE)):
        for one in paths:
            with subtests.test(one):
                answer = browser.get(one)
                assert "no-store" in answer["Cache-Control"]
                assert re.fullmatch("[0-9a-f]{12}", answer["X-Request-Id"])


@pytest.fixture
def failing(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize("where", ["/fails/", "/o/aldermoor/fails/"])
def test_the_page_of_a_failure_names_its_request_as_the_log_does(
    cast: Cast, client_for: Callable, failing: None, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    answer = client_for(cast.marco, raise_request_exception=False).get(where)
    assert answer.status_code == 500
    reference = answer["X-Request-Id"]
    assert f"Reference {reference}" in answer.content.decode()
    assert f"Reference {reference}: GET {where} failed." in caplog.text


def test_and_so_does_the_api(cast: Cast, client_for: Callable, failing: None) -> None:
    answer = client_for(cast.marco, raise_request_exception=False).get("/o/aldermoor/api/v1/fails/")
    assert (answer.status_code, answer.json()["request_id"]) == (500, answer["X-Request-Id"])
