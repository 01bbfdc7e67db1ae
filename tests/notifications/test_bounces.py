"""Letters that come back: a report is believed when it names a letter of ours, and marks the address of whoever got it."""

import io
import json
import sys
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.core import mail as django_mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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


# By a provider's call -----------------------------------------------------------------------------------------------


@pytest.fixture
def call(settings):
    """`call(report, …)`: what the address answers a provider that has the secret."""
    settings.BOUNCE_SECRET = "s3cret-of-the-provider"

    def sent_to_us(*reports, secret="s3cret-of-the-provider", **more):  # noqa: S107
        given = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {secret}"}} | more
        body = given.pop("body", None) or json.dumps(list(reports))
        return Client(enforce_csrf_checks=True).post("/letters/bounces/", body, **given)

    yield sent_to_us
    cache.clear()


def said(mail_id, **fields):
    letter = {"message_id": f"<{mail_id}@plumbline.example>", "address": "Marco@example.test", "status": "5.1.1"}
    return letter | {"reason": "User\n unknown"} | fields


def test_a_provider_marks_an_address(cast, scope_of, sent, call):
    answer = call(said(uuid4()), said(sent), said(sent, status="4.2.2"))
    assert (answer.status_code, answer.json()) == (202, {"taken": 3})
    with scope_of(cast.aldermoor):
        (bounce,) = Bounce.objects.all()
        assert (bounce.member_id, bounce.status, bounce.reason) == (cast.marco.pk, "5.1.1", "User unknown")


def test_each_organisation_is_looked_into_once(cast, scope_of, sent, call):
    def scopes(*reports):
        with CaptureQueriesContext(connection) as asked:
            assert call(*reports).status_code == 202
        return sum("app.organisation_id" in one["sql"] for one in asked)

    one = scopes(said(uuid4()))
    assert 0 < one == scopes(said(uuid4()), said(uuid4()), said(uuid4()))
    with scope_of(cast.aldermoor):
        assert not Bounce.objects.exists()


def test_an_answer_tells_nobody_whose_addresses_there_are(cast, scope_of, sent, call):
    known, unknown = call(said(sent)), call(said(uuid4(), address="nobody@example.test"))
    other, soft = call(said(sent, address="petra@example.test")), call(said(sent, status="4.2.2"))
    assert {(one.status_code, one.content) for one in (known, unknown, other, soft)} == {(202, b'{"taken": 1}')}
    with scope_of(cast.aldermoor):
        assert [one.member_id for one in Bounce.objects.all()] == [cast.marco.pk]


def test_without_the_secret_there_is_nothing(cast, scope_of, sent, call, settings):
    assert call(said(sent), secret="guessed").status_code == 404
    assert Client().get("/letters/bounces/").status_code == 404
    settings.BOUNCE_SECRET = ""
    assert call(said(sent), secret="").status_code == 404
    with scope_of(cast.aldermoor):
        assert not Bounce.objects.exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("no json", "The body is no JSON."),
        ("[]", "Send a list of 1 to 200 reports."),
        ('["x"]', "Each report has a text “message_id”."),
        ('[{"message_id": "x", "address": 5, "status": "5.1.1"}]', "Each report has a text “address”."),
        (json.dumps([{}] * 201), "Send a list of 1 to 200 reports."),
    ],
)
def test_what_cannot_be_read_is_refused(db, call, body, said):
    answer = call(body=body)
    assert (answer.status_code, answer.json()["error"]) == (400, said)


def test_the_secret_cannot_be_tried_out(db, call):
    statuses = [call(secret=f"guess-{n}").status_code for n in range(121)]
    assert statuses == [404] * 120 + [429]
    assert call(said(uuid4())).headers["Retry-After"] == "60"
