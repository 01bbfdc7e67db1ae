"""People, keys, letters and the state of the work from a shell, where no page can be reached."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Entry
from notifications.models import InvitationLetter
from organisations.actions import make_key
from organisations.models import ApiKey, Invitation, Membership
from organisations.rules import InvitationStatus
from tests.factories import notifications
from tests.factories import organisations as make

NORA = "nora@example.test"


@pytest.fixture
def run(cast, capsys, monkeypatch):
    """`run("people", "list")`: what the command says about Aldermoor. Nothing rings for workers: there is no queue here."""
    monkeypatch.setattr("organisations.management.of_organisation.wake_workers", lambda organisation: None)

    def call(command, *words):
        call_command(command, "--organisation", "aldermoor", *words)
        return capsys.readouterr().out

    return call


def test_people_are_listed_with_what_the_page_shows(cast, run):
    lines = [line.split("\t") for line in run("people", "list").splitlines()]
    assert [line[0] for line in lines] == sorted(line[0] for line in lines) and len(lines) == 7
    assert next(line for line in lines if line[0] == "Vera Novak")[2:5] == ["vendor_manager", "CORVID", "active"]
    assert "Otto" not in str(lines)


def test_somebody_is_invited_reminded_and_uninvited(cast, run, scope_of):
    assert "is invited" in run("people", "invite", NORA, "vendor_reporter", "--vendor", "CORVID")
    assert run("people", "invitations").split("\t")[:3] == [NORA, "vendor_reporter", "CORVID"]
    run("people", "resend", NORA.upper())
    run("people", "revoke", NORA)
    with scope_of(cast.aldermoor):
        one = Invitation.objects.get(email=NORA)
        assert (one.edition, one.status, one.invited_by) == (2, InvitationStatus.REVOKED, None)
        assert not Entry.objects.filter(table_name="organisations_invitation").exclude(actor_id=None).exists()


def test_a_person_gets_another_role_leaves_and_comes_back(cast, run, scope_of, client_for):
    marco = client_for(cast.marco)
    run("people", "role", cast.marco.email, "procurement")
    assert marco.get("keys/").status_code == 200
    run("people", "disable", cast.marco.email)
    assert marco.get("contracts/").status_code == 404
    run("people", "rejoin", cast.marco.email, "account_manager")
    assert marco.get("contracts/").status_code == 200
    with scope_of(cast.aldermoor):
        assert Membership.objects.get(pk=cast.marco.pk).role == "account_manager"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("people", "disable", "ada@aldermoor.example.test"), "is the only administrator"),
        (("people", "disable", "nobody@example.test"), "Nobody here has the address"),
        (("people", "role", "vera@corvid.example.test", "auditor"), "has no vendor"),
        (("people", "invite", NORA, "vendor_reporter"), "needs the vendor"),
        (("people", "invite", NORA, "vendor_reporter", "--vendor", "NONE"), "no vendor with the code NONE"),
        (("people", "invite", "nobody", "auditor"), "is no e-mail address"),
        (("people", "revoke", NORA), "no open invitation"),
        (("keys", "revoke", "AAAAAAAA"), "no key with the prefix AAAAAAAA"),
    ],
)
def test_a_refusal_says_what_to_do_and_changes_nothing(cast, run, scope_of, words, said):
    with scope_of(cast.aldermoor):
        addresses = dict(Membership.objects.people().values_list("email", "name"))
        before = Entry.objects.count()
    words = [next((email for email in addresses if email.split("@")[0] == word.split("@")[0]), word) for word in words]
    with pytest.raises(CommandError, match=said):
        run(*words)
    with scope_of(cast.aldermoor):
        assert Entry.objects.count() == before


def test_another_organisation_s_people_are_not_found(cast, run):
    with pytest.raises(CommandError, match="Nobody here"):
        run("people", "disable", cast.otto.email)
    with pytest.raises(CommandError, match="no organisation at the address nowhere"):
        call_command("people", "--organisation", "nowhere", "list")


def test_keys_are_listed_and_end(cast, run, scope_of):
    now = timezone.now()
    with scope_of(cast.vera):
        key, secret = make_key(by=cast.vera, name="Desk", scope="report", expires_at=now + timedelta(days=9), now=now)
    assert run("keys", "list").split("\t")[:6] == [key.prefix, "Desk", "report", "Vera Novak", "CORVID", "live"]
    assert secret.text not in run("keys", "list")
    run("keys", "revoke", f"plb_{key.prefix}")
    assert run("keys", "list").split("\t")[5] == "revoked"
    with scope_of(cast.aldermoor):
        assert ApiKey.objects.get().revoked_at is not None


def test_letters_that_were_given_up_are_sent_again(cast, run, scope_of):
    with scope_of(cast.aldermoor):
        notifications.invitation_letter(make.invitation(NORA), given_up_at=timezone.now(), last_error="550 no")
    assert "1 letter will be sent again" in run("retry_letters")
    with scope_of(cast.aldermoor):
        assert InvitationLetter.objects.get().given_up_at is None
    assert "0 letters" in run("retry_letters")


def test_the_state_of_the_work(cast, run, scope_of):
    with scope_of(cast.aldermoor):
        notifications.invitation_letter(make.invitation(NORA), given_up_at=timezone.now(), last_error="550 no")
    said = run("status")
    assert "beat: heard of never" in said and "Aldermoor Energy (/o/aldermoor/)" in said
    assert f"lost: {NORA} (550 no)" in said
    assert "Brightwater" not in said
