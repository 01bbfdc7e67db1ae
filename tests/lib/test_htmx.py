"""What htmx is told: parts, toasts, refusals and ended sessions. Templates and URLs of these tests are their own."""

import json

import pytest
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from lib.htmx import STALE_PAGE, FragmentErrors, done, render_part, target_id, toast, trigger, wants_part

PAGE = """{% load partials %}<html><body>{% partialdef list inline %}<ul id="list">{{ word }}</ul>{% endpartialdef %}
{% partialdef row %}<li>{{ word }}</li>{% endpartialdef %}</body></html>"""


@pytest.fixture(autouse=True)
def page(settings, tmp_path):
    """A page with two parts, found before the product's own templates."""
    (tmp_path / "page.html").write_text(PAGE)
    engines = [dict(engine) for engine in settings.TEMPLATES]
    engines[0] = {**engines[0], "DIRS": [tmp_path], "APP_DIRS": False}
    engines[0]["OPTIONS"] = {
        "loaders": [("template_partials.loader.Loader", ["django.template.loaders.filesystem.Loader"])]
    }
    settings.TEMPLATES = engines


def ask(method="get", path="/o/aldermoor/x/", target="", **headers):
    """A request as htmx 4 sends it; `htmx=False` asks as a browser does."""
    names = {"HTTP_HX_REQUEST": "true"} if headers.pop("htmx", True) else {}
    if target:
        names["HTTP_HX_TARGET"] = target
    names |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    request = getattr(RequestFactory(), method)(path, **names)
    HtmxMiddleware(lambda r: HttpResponse())(request)
    return request


def answered(request, response):
    """What is left of `response` after the middleware."""
    return FragmentErrors(lambda r: response)(request)


def raised(response):
    """Events of the HX-Trigger header."""
    return json.loads(response["HX-Trigger"])


class TestRenderPart:
    def test_a_browser_gets_the_page(self):
        response = render_part(ask(htmx=False), "page.html", "list", {"word": "all"})
        assert "<html>" in response.content.decode()

    def test_htmx_gets_the_part_with_its_status(self):
        response = render_part(ask(target="section#list"), "page.html", "list", {"word": "all"}, status=422)
        assert response.content.decode() == '<ul id="list">all</ul>'
        assert response.status_code == 422

    def test_the_view_names_the_part_of_each_target(self):
        parts = {"list": "list", "modal": "row"}
        assert b"<li>" in render_part(ask(target="dialog#modal"), "page.html", parts).content
        assert b"<ul" in render_part(ask(target="ul#list"), "page.html", parts).content

    @pytest.mark.parametrize("target", ["div#row", "div", "body", "div#page.html#row", ""])
    def test_the_client_never_chooses(self, target):
        response = render_part(ask(target=target), "page.html", {"list": "list"})
        assert "<html>" in response.content.decode()
        assert (response["HX-Retarget"], response["HX-Reswap"]) == ("body", "outerSync")

    @pytest.mark.parametrize("header", ["hx_boosted", "hx_history_restore_request"])
    def test_links_of_the_body_and_steps_back_get_the_page(self, header):
        request = ask(target="ul#list", **{header: "true"})
        assert not wants_part(request)
        assert "<html>" in render_part(request, "page.html", "list").content.decode()

    def test_neither_form_is_stored_or_mixed_up(self):
        for request in (ask(), ask(htmx=False)):
            response = render_part(request, "page.html", "list")
            assert "HX-Request" in response["Vary"]
            assert "no-store" in response["Cache-Control"]

    def test_target_id(self):
        assert target_id(ask(target="tr#row-m5")) == "row-m5"
        assert target_id(ask(target="tr")) == target_id(ask()) == ""
        assert target_id(RequestFactory().get("/")) == ""


class TestSaid:
    def test_events_add_up_and_are_raised_on_the_body(self):
        response = trigger(toast(HttpResponse(), "Breach acknowledged", undo="/undo/"), "breaches-changed", n=2)
        assert raised(response) == {
            "toast": {"target": "body", "text": "Breach acknowledged", "undo": "/undo/"},
            "breaches-changed": {"target": "body", "n": 2},
        }

    def test_words_survive_the_header(self):
        text = "Credit of £84.2k – “waived”\r\nX-Other: 1"
        response = toast(HttpResponse(), text, error=True)
        assert raised(response)["toast"] == {"target": "body", "text": text, "error": True}
        assert response["HX-Trigger"].isascii()

    def test_done_is_empty_and_says_what_changed(self):
        response = done("Saved", "breaches-changed")
        assert (response.status_code, response.content) == (204, b"")
        assert set(raised(response)) == {"toast", "breaches-changed"}
        assert "HX-Trigger" not in done()


class TestFragmentErrors:
    @pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 413, 415, 429])
    def test_a_refusal_is_a_toast_and_nothing_is_swapped(self, status):
        response = answered(ask(), HttpResponse("<html>whole page</html>", status=status))
        assert (response.status_code, response.content, response["HX-Reswap"]) == (status, b"", "none")
        said = raised(response)["toast"]
        assert said["error"] is True
        assert said["text"].endswith(".")

    @pytest.mark.parametrize("status", [200, 204, 304, 409, 422, 500, 503])
    def test_other_answers_pass(self, status):
        response = HttpResponse("x", status=status)
        assert answered(ask(), response) is response
        assert "HX-Request" in response["Vary"]

    def test_a_browser_gets_the_error_page(self):
        response = HttpResponse("page", status=404)
        assert answered(ask(htmx=False), response) is response
        assert "HX-Trigger" not in response

    def test_a_step_back_gets_the_error_page(self):
        response = HttpResponse("page", status=404)
        assert answered(ask(hx_history_restore_request="true"), response) is response

    def test_a_fragment_of_the_view_passes_whatever_its_status(self):
        request = ask(target="ul#list")
        response = render_part(request, "page.html", "list", status=403)
        assert answered(request, response) is response

    def test_the_refusal_s_own_sentence_is_said(self):
        refused = HttpResponse(status=403)
        refused.sentence = "Only procurement may do that."
        assert raised(answered(ask(), refused))["toast"]["text"] == "Only procurement may do that."

    def test_what_a_client_needs_is_kept(self):
        refused = HttpResponse(status=429, headers={"Retry-After": "60", "X-Request-Id": "abc"})
        refused.set_cookie("a", "b")
        response = answered(ask(), refused)
        assert (response["Retry-After"], response["X-Request-Id"], response.cookies["a"].value) == ("60", "abc", "b")
        assert answered(ask(), HttpResponseNotAllowed(["GET"]))["Allow"] == "GET"

    def test_a_form_without_a_valid_token_is_a_stale_page(self):
        assert raised(answered(ask("post"), HttpResponse(status=403)))["toast"]["text"] == STALE_PAGE
        checked = ask("post")
        checked.csrf_processing_done = True
        assert raised(answered(checked, HttpResponse(status=403)))["toast"]["text"] != STALE_PAGE

    def test_an_ended_session_leads_to_sign_in_and_back(self):
        request = ask(hx_current_url="http://testserver/o/aldermoor/portfolio/?period=2026-10", target="ul#list")
        response = answered(request, HttpResponseRedirect(resolve_url("account_login") + "?next=/fragment/"))
        assert response.status_code == 401
        assert response["HX-Redirect"] == "/account/login/?next=%2Fo%2Faldermoor%2Fportfolio%2F%3Fperiod%3D2026-10"
        assert response["HX-Reswap"] == "none"
        assert "no-store" in response["Cache-Control"]

    def test_never_back_to_another_site(self):
        request = ask(hx_current_url="https://elsewhere.example/x")
        assert answered(request, HttpResponse(status=401))["HX-Redirect"].endswith("?next=%2F")

    def test_other_redirects_pass(self):
        response = HttpResponseRedirect("/o/aldermoor/breaches/")
        assert answered(ask("post"), response) is response


@pytest.mark.django_db
class TestThroughTheProduct:
    def test_a_missing_page_is_a_toast(self, client):
        response = client.get("/there-is-no-such-page/", headers={"HX-Request": "true"})
        assert response.status_code == 404
        assert raised(response)["toast"]["text"] == "That is not here, or no longer."

    def test_an_organisation_s_page_without_a_session(self, client):
        response = client.get(
            "/o/aldermoor/breaches/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/o/aldermoor/"}
        )
        assert response["HX-Redirect"] == "/account/login/?next=%2Fo%2Faldermoor%2F"
