"""Shells, error pages and sign-in pages render with little or nothing in their context."""

import re
from pathlib import Path
from types import SimpleNamespace

import allauth
import pytest
from django.template.loader import render_to_string

from config import outage
from tests.look.lint import ROOT

MEMBER = SimpleNamespace(
    organisation=SimpleNamespace(name="Aldermoor Energy", slug="aldermoor-energy"),
    vendor=SimpleNamespace(name="Corvid Systems"),
    get_role_display="Account manager",
)
NAV = [
    {"url": "/o/aldermoor/", "icon": "grid", "label": "Portfolio", "count": None, "current": True, "key": "g p"},
    {"url": "/o/aldermoor/inbox/", "icon": "inbox", "label": "Inbox", "count": 3, "hot": True, "key": "g i"},
]
ERRORS = ["400", "403", "csrf", "404", "409", "410", "422", "429", "500", "507"]


@pytest.mark.parametrize("code", ERRORS)
def test_error_pages_need_nothing(code):
    html = render_to_string(f"errors/{code}.html")
    assert "<h1>" in html
    assert (code if code.isdigit() else "403") in html
    assert "<form" not in html  # without a request there is no token to send


@pytest.mark.parametrize("said", [outage.AWAY, outage.TAKEN, outage.UNKNOWN, outage.FULL], ids=lambda said: said.code)
def test_the_page_of_an_outage_needs_only_what_is_said(said):
    html = render_to_string("errors/unavailable.html", {"said": said})
    assert f"<h1>{said.heading}</h1>" in html
    assert f">{said.status}</p>" in html
    assert said.sentence in html
    assert "<form" not in html


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_the_framework_s_own_names_lead_to_them(code):
    assert render_to_string(f"{code}.html") == render_to_string(f"errors/{code.removeprefix('403_')}.html")


def test_an_error_page_says_the_reason_and_the_reference():
    html = render_to_string("errors/422.html", {"sentence": "The period is closed.", "reference": "7f3a19c2"})
    assert "The period is closed." in html
    assert "7f3a19c2" in html


@pytest.mark.parametrize("shell", ["staff", "vendor", "plain"])
@pytest.mark.parametrize("full", [True, False])
def test_shells(shell, full):
    html = render_to_string(f"shells/{shell}.html", {"nav": NAV, "member": MEMBER, "csrf_token": "t"} if full else {})
    assert html.startswith("<!doctype html>")
    assert 'id="main"' in html
    assert 'id="toasts"' in html
    if full and shell != "plain":
        assert 'aria-current="page"' in html
        assert "Inbox" in html


@pytest.mark.parametrize(
    ("theme", "said"),
    [
        ("dark", 'data-theme="dark"'),
        ("light", 'data-theme="light"'),
        ("", '<html lang="en">'),
        ("red", '<html lang="en">'),
    ],
)
def test_the_server_sets_the_colours(theme, said):
    assert said in render_to_string("shells/plain.html", {"theme": theme})


def test_ids_are_unique():
    for shell in ("staff", "vendor"):
        context = {
            "nav": NAV,
            "member": MEMBER,
            "csrf_token": "t",
            "organisations": [{"name": "A"}, {"name": "B"}],
            "search_url": "/s/",
        }
        ids = re.findall(r'\sid="([^"]+)"', render_to_string(f"shells/{shell}.html", context))
        assert sorted(set(ids)) == sorted(ids)


def test_names_are_escaped():
    organisation = SimpleNamespace(name="<b>A</b>", slug="a")
    member = SimpleNamespace(organisation=organisation, vendor=None, get_role_display="x")
    assert "<b>A" not in render_to_string("shells/staff.html", {"member": member, "nav": NAV})


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["login", "password/reset", "signup", "inactive", "confirm-email"])
def test_sign_in_pages(client, path):
    html = client.get(f"/account/{path}/").content.decode()
    assert 'class="plainpage"' in html
    assert " style=" not in html
    assert html.startswith("<!doctype html>")
    assert html.count("<h1>") == 1


@pytest.mark.django_db
def test_a_wrong_password_is_said_and_the_address_kept(client):
    response = client.post("/account/login/", {"login": "nobody@example.org", "password": "wrong"})
    html = response.content.decode()
    assert 'role="alert"' in html
    assert 'value="nobody@example.org"' in html


def test_every_page_of_the_sign_in_package_has_our_frame():
    """Its templates hang below layouts that we replace; a new layout would escape us."""
    folder = Path(allauth.__file__).parent / "templates/allauth/layouts"
    assert {path.name for path in folder.glob("*.html")} == {
        path.name for path in (ROOT / "templates/allauth/layouts").glob("*.html")
    }
