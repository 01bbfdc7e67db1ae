"""The first organisation on a new machine, by command."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from organisations.models import Membership, Organisation, User
from organisations.rules import Role

PASSWORD = "a plumb line and a level"


def run(monkeypatch: pytest.MonkeyPatch, *words: str, password: str = PASSWORD) -> str:
    out = StringIO()
    monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))
    call_command("create_organisation", *words, stdout=out)
    return out.getvalue()


def test_an_organisation_and_its_first_administrator(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [
        "aldermoor",
        "Aldermoor Energy",
        "--administrator",
        "Ada@example.test",
        "--administrator-name",
        "Ada Whitcombe",
    ]
    assert run(monkeypatch, *words) == "Aldermoor Energy is at /o/aldermoor/; Ada Whitcombe is its administrator.\n"
    member = Membership.unscoped.get()
    assert (member.role, member.organisation.slug, member.user.email) == (
        Role.ADMINISTRATOR,
        "aldermoor",
        "ada@example.test",
    )
    assert authenticate(email="ada@example.test", password=PASSWORD) == member.user
    # The same person may run another one, and keeps the password.
    run(monkeypatch, "brightwater", "Brightwater Council", "--administrator", "ada@example.test", password="")
    assert Membership.unscoped.count() == 2 and User.objects.count() == 1


@pytest.mark.parametrize(
    ("slug", "email", "password", "said"),
    [
        ("alder moor", "ada@example.test", PASSWORD, "valid"),
        ("aldermoor", "ada", PASSWORD, "valid email"),
        ("aldermoor", "ada@example.test", "short", "at least 12"),
    ],
)
def test_what_is_refused_creates_nothing(
    slug: str, email: str, password: str, said: str, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=said):
        run(monkeypatch, slug, "Aldermoor Energy", "--administrator", email, password=password)
    assert not Organisation.objects.exists() and not User.objects.exists()


def test_an_address_is_taken_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[Any] = ["aldermoor", "Aldermoor Energy", "--administrator", "ada@example.test"]
    assert "ada is its administrator" in run(monkeypatch, *words)
    with pytest.raises(CommandError, match="Choose another address"):
        run(monkeypatch, *words)
