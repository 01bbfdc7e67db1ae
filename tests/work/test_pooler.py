"""Behind PgBouncer in transaction mode: signing in, the scopes of many people at once, the judgement, and a tick with real workers."""

import os
import threading

from allauth.account.models import EmailAddress
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from breaches.models import Breach
from config.celery import app
from config.databases import from_environment
from evaluation.models import Result
from notifications.models import Notification
from tests.factories.organisations import PASSWORD
from tests.processes import wait_for
from tests.work.test_work import versions

assert app  # the current application: this one


def test_no_parameter_that_a_pooler_refuses_is_sent_when_connecting(pooler):
    """`options` is one: PgBouncer answers it with an error. Web and workers know the address of the log-in role alone."""
    for alias in from_environment({"DATABASE_URL": pooler.url}).values():
        assert "options" not in alias["OPTIONS"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("plumbline_login",)


def test_signing_in(pooler, cast):
    cast.marco.user.set_password(PASSWORD)
    cast.marco.user.save()
    EmailAddress.objects.create(user=cast.marco.user, email=cast.marco.user.email, verified=True, primary=True)
    browser = Client()
    answer = browser.post(reverse("account_login"), {"login": cast.marco.user.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert browser.get("/o/aldermoor/contracts/").status_code == 200
    assert browser.get("/o/brightwater/contracts/").status_code == 404


def test_many_scopes_on_two_sessions_see_each_their_own(pooler, desk, cast, client_for):
    """Whatever a scope sets ends with its transaction: the next one on the same session is somebody else's."""
    members = [cast.marco, cast.otto, cast.vera, cast.hana, cast.vera_at_brightwater, cast.petra]
    clients = [client_for(member) for member in members]
    connections.close_all()
    found, start = [], threading.Barrier(len(members))

    def looks(client):
        try:
            start.wait()
            for _ in range(8):
                page = client.get("contracts/")
                found.append((client.member.name, page.status_code, desk.contract.reference in page.content.decode()))
                with connection.cursor() as cursor:
                    cursor.execute("SELECT current_user, current_setting('app.organisation_id', true)")
                    found.append((client.member.name, *cursor.fetchone()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=looks, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pages = {entry for entry in found if isinstance(entry[1], int)}
    theirs = {member.name for member in (cast.marco, cast.petra)}
    assert len(found) == 2 * 8 * len(members)
    assert {name for name, status, seen in pages if status == 200 and seen} >= theirs
    assert not any(seen for name, _, seen in pages if name in (cast.otto.name, cast.hana.name))
    assert {entry[1:] for entry in found if isinstance(entry[1], str)} <= {
        ("plumbline_login", ""),
        ("plumbline_login", None),
    }


def test_the_judgement_and_all_that_follows(pooler, desk, work, cast, scope_of):
    desk.report()
    work(cast.aldermoor)
    connections.close_all()
    with scope_of(cast.aldermoor):
        assert Result.objects.filter(streak__gt=0).count() == Breach.objects.count() == 2
        before = versions()
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert versions() == before


def test_ticks_with_real_workers(pooler, desk, cast, scope_of, processes):
    assert os.environ["DATABASE_URL"] == pooler.url
    desk.report()
    processes.worker()
    processes.beat()

    def done():
        with scope_of(cast.aldermoor):
            return Breach.objects.count() >= 2 and not Notification.objects.unsent().exists()

    wait_for(done, "a tick has led to breaches, and letters to those who must know")
    assert list(processes.mail.iterdir())
