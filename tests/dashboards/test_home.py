"""Where people arrive, what the shell shows around the page, and the colours."""

import pytest

from organisations.models import User
from organisations.rules import Role
from tests.factories import organisations as make


def test_one_organisation_is_opened_at_once(cast, client_for):
    response = client_for(cast.marco).get("/")
    assert (response.status_code, response["Location"]) == (302, "/o/aldermoor/")


def test_of_several_one_chooses(cast, client_for, scope_of):
    with scope_of(cast.brightwater):
        make.member(cast.marco.user, Role.AUDITOR)
    html = client_for(cast.marco).get("/").content.decode()
    assert 'href="/o/aldermoor/"' in html
    assert 'href="/o/brightwater/"' in html
    assert html.index("Account manager") < html.index("Auditor")


def test_who_serves_several_clients_sees_what_is_due_for_all(cast, client_for):
    response = client_for(cast.vera).get("/")
    assert (response.status_code, response["Location"]) == (302, "/due/")


def test_without_any_it_says_so(db, client):
    client.force_login(make.user("Nora Neu"))
    html = client.get("/").content.decode()
    assert "No organisation yet" in html
    assert "nora@example.test" in html


def test_who_is_not_signed_in_is_sent_to_sign_in(db, client):
    assert client.get("/")["Location"] == "/account/login/?next=/"


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("marco", "portfolio/"),
        ("ada", "home/"),
        ("olu", "home/"),
        ("petra", "contracts/"),
        ("vera", "figures/"),
    ],
)
def test_each_role_has_a_home(cast, client_for, who, where):
    response = client_for(getattr(cast, who)).get("/o/aldermoor/")
    assert (response.status_code, response["Location"]) == (302, f"/o/aldermoor/{where}")


def test_the_navigation_counts(cast, judged, notice_for, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        breach = found.breach()
    notice_for(cast.marco, breach)
    nav = {item["label"]: item for item in client_for(cast.marco).get("breaches/").context["nav"]}
    assert (nav["Inbox"]["count"], nav["Inbox"]["hot"]) == (1, True)
    assert (nav["Breaches"]["count"], nav["Breaches"]["current"]) == (1, True)
    assert not nav["Portfolio"]["current"]


def test_the_switch_lists_ones_own_organisations_only(cast, client_for):
    there = client_for(cast.vera).get("breaches/").context["organisations"]
    assert [(one["name"], one["current"]) for one in there] == [
        ("Aldermoor Energy", True),
        ("Brightwater Council", False),
    ]
    html = client_for(cast.marco).get("breaches/").content.decode()
    assert "Brightwater" not in html


def test_the_switch_is_there_on_a_page_that_answers_a_form(cast, client_for, judged):
    contract = judged(cast.corvid).contract
    answer = client_for(cast.vera).post(f"contracts/{contract.pk}/figures/", {})
    assert answer.status_code == 422
    assert [one["name"] for one in answer.context["organisations"]] == ["Aldermoor Energy", "Brightwater Council"]


def test_a_disabled_membership_is_not_listed(cast, client_for, scope_of):
    with scope_of(cast.brightwater):
        type(cast.vera).objects.filter(pk=cast.vera_at_brightwater.pk).update(is_active=False)
    assert client_for(cast.vera).get("/")["Location"] == "/o/aldermoor/"
    assert len(client_for(cast.vera).get("breaches/").context["organisations"]) == 1


@pytest.mark.parametrize(("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("auto", ""), ("x", "")])
def test_colours_are_kept_with_the_person(cast, client_for, chosen, kept):
    client = client_for(cast.marco)
    response = client.post("/theme/", {"theme": chosen, "next": "/o/aldermoor/inbox/"})
    assert response["Location"] == "/o/aldermoor/inbox/"
    assert User.objects.get(pk=cast.marco.user_id).theme == kept
    html = client.get("inbox/").content.decode()
    assert ('data-theme="dark"' in html) == (kept == "dark")


def test_colours_of_who_is_not_signed_in_are_in_a_cookie(db, client):
    response = client.post("/theme/", {"theme": "dark", "next": "/account/login/"})
    assert response["Location"] == "/account/login/"
    assert 'data-theme="dark"' in client.get("/account/login/").content.decode()


def test_one_is_not_sent_elsewhere(db, client):
    assert client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.test/"})["Location"] == "/"
    assert client.get("/theme/")["Location"] == "/"
