"""Letters that come back: a report is believed when it names a letter of ours, and marks the address of whoever got it."""

import io
import sys
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.core import mail as django_mail
from django.core.management import call_command

from notifications.bounces import read_report
from notifications.models import Bounce, InvitationLetter, Notification
from tests.factories import notifications, organisations
from tests.notifications.conftest import Clock


def report(mail_id, address="marco@example.test", action="failed", status="5.1.1", head_only=False):
    """As a mail server writes it (RFC 3464)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "MAILER-DAEMON@mx.example.test",
        "alerts@plumbline.example",
        "Undelivered",
    )
    message.set_type("multipart/report")
    fields = f"Reporting-MTA: dns; mx.example.test\n\nFinal-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
    fields += "Diagnostic-Code: smtp; 550 5.1.1 <x> User\n unknown\n"
    letter = f"Message-ID: <{mail_id}@plumbline.example>\nSubject: Late figures\n"
    kind = "text/rfc822-headers" if head_only else "message/rfc822"
    boundary = "=== a report ==="
    parts = [
        ("text/plain", "It came back."),
        ("message/delivery-status", fields),
        (kind, letter if head_only else f"{letter}\nBody"),
    ]
    body = "".join(f"--{boundary}\nContent-Type: {name}\n\n{text}\n" for name, text in parts)
    head = "From: MAILER-DAEMON@mx.example.test\nMIME-Version: 1.0\n"
    head += f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"\n\n'
    return f"{head}{body}--{boundary}--\n".encode()


@pytest.fixture
def take(monkeypatch, capsys):
    """Pipe a message into the command; returns what it says."""

    def piped(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        call_command("take_bounce")
        return capsys.readouterr().out

    return piped


@pytest.fixture
def sent(cast, scope_of, publish_event, post, mail):
    """The id of a letter that Marco got."""
    publish_event(1)
    assert post(clock=Clock()) == 1
    with scope_of(cast.aldermoor):
        return Notification.objects.get().mail_id


@pytest.mark.parametrize("head_only", [False, True])
def test_an_address_is_marked_and_written_to_no_more(
    cast, scope_of, client_for, publish_event, post, sent, take, head_only
):
    assert take(report(sent, head_only=head_only)) == "marco@example.test is marked: 5.1.1 550 5.1.1 <x> User unknown\n"
    with scope_of(cast.aldermoor):
        (bounce,) = Bounce.objects.all()
        assert (bounce.member_id, bounce.address, bounce.status) == (cast.marco.pk, "marco@example.test", "5.1.1")
    publish_event(1, cast.marco, cast.petra)
    later = Clock(Clock().now.replace(day=20))
    assert post(clock=later) == 1
    assert [message.to for message in django_mail.outbox] == [["marco@example.test"], ["petra@example.test"]]
    ada = client_for(cast.ada)
    assert ada.get("people/").content.decode().count("Letters come back") == 1
    assert "User unknown" in ada.get(f"people/{cast.marco.pk}/").content.decode()
    assert "came back" in client_for(cast.marco).get("letters/").content.decode()


def test_an_administrator_has_it_tried_again(cast, scope_of, client_for):
    with scope_of(cast.aldermoor):
        notifications.bounce(cast.marco)
    path = f"people/{cast.marco.pk}/write-again/"
    for who in (cast.marco, cast.olu, cast.vera):
        assert client_for(who).post(path).status_code == 403
    with scope_of(cast.aldermoor):
        assert Bounce.objects.count() == 1
    assert client_for(cast.ada).post(path).status_code == 302
    with scope_of(cast.aldermoor):
        assert not Bounce.objects.exists()


def test_another_address_is_not_the_one_that_came_back(cast, scope_of, client_for):
    with scope_of(cast.aldermoor):
        notifications.bounce(cast.marco, address="old@example.test")
    assert "Letters come back" not in client_for(cast.ada).get("people/").content.decode()


def test_what_reports_no_letter_of_ours_for_good_is_left_alone(cast, scope_of, sent, take):
    nothing = "No letter of ours came back for good.\n"
    for content in (
        report(uuid4()),
        report(sent, address="otto@example.test"),
        report(sent, action="delayed"),
        report(sent, status="4.2.2"),
        report("not-an-id"),
        b"Subject: hello\n\nbuy",
        b"",
        b"\xff\xfe\x00",
    ):
        assert take(content) == nothing
    with scope_of(cast.aldermoor):
        assert not Bounce.objects.exists()


def test_an_invitation_that_came_back_says_so(cast, scope_of, take):
    with scope_of(cast.aldermoor):
        letter = notifications.invitation_letter(organisations.invitation("nora@example.test"))
    assert take(report(letter.mail_id, address="Nora@example.test")).startswith("nora@example.test is marked")
    with scope_of(cast.aldermoor):
        found = InvitationLetter.objects.get()
        assert found.given_up_at and found.last_error.startswith("It came back: 5.1.1")


def test_a_report_is_read_as_far_as_it_goes():
    mail_id = uuid4()
    assert read_report(report(mail_id)).mail_id == mail_id
    assert read_report(report(mail_id).replace(b"Final-Recipient", b"X-Other")) is None
