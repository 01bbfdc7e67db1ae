"""What a transaction may take: each of three limits for web and for work, none beyond its end; and no body is waited for in one."""

import socket
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection, connections, transaction
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path

from organisations import login_limits
from organisations.access import allows
from organisations.scope import LIMITS, open_scope
from organisations.tasks import ScopedTask
from tests.cast import Cast
from tests.processes import Processes, wait_for

ASK = "SELECT " + ", ".join(f"current_setting('{name}')" for name in LIMITS)


def limits() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(ASK)
        return list(cursor.fetchone())


@allows("inbox.view")
def said(request: HttpRequest, organisation: str) -> JsonResponse:
    return JsonResponse({"limits": limits()})


urlpatterns = [path("o/<slug:organisation>/said/", said)]


def test_a_request_and_a_task_have_limits_and_what_comes_after_has_none(
    cast: Cast, client_for: Callable, settings: Any
) -> None:
    settings.ROOT_URLCONF = __name__
    before = limits()
    assert client_for(cast.marco).get("/o/aldermoor/said/").json()["limits"] == ["30s", "10s", "1min"]
    with ScopedTask().scope(cast.aldermoor.pk):
        assert limits() == ["8min", "1min", "5min"]
    with open_scope(organisation_id=cast.aldermoor.pk):
        assert limits() == ["0", "0", "0"], "A command takes as long as it needs."
    assert limits() == before


def test_outside_every_scope_the_role_has_limits_of_its_own(db: None) -> None:
    """Signing in and the pages of accounts open no scope: the server limits them from the log-in on, through a pooler as well."""
    given = connection.get_connection_params()
    fresh = psycopg2.connect(
        **{name: value for name, value in given.items() if name not in ("cursor_factory", "context")}
    )
    try:
        with fresh.cursor() as cursor:
            cursor.execute(f"SELECT session_user, {ASK.removeprefix('SELECT ')}")
            assert cursor.fetchone() == ("plumbline_login", "30s", "10s", "1min")
    finally:
        fresh.close()


def test_a_role_without_limits_is_a_difference_and_gets_them_again(committed: None) -> None:
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        assert login_limits.missing(cursor) == []
        cursor.execute("ALTER ROLE plumbline_login RESET lock_timeout")
        assert login_limits.missing(cursor) == ["ALTER ROLE plumbline_login SET lock_timeout = '10000ms'"]
        login_limits.apply(cursor)
        assert login_limits.missing(cursor) == []
        transaction.set_rollback(True, "owner")


def test_an_account_page_that_waits_for_a_lock_says_that_plumbline_is_busy(committed: None, cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.marco.user)
    with transaction.atomic("owner"), connections["owner"].cursor() as other:
        other.execute("LOCK TABLE organisations_user IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 50")  # instead of waiting for ten seconds
        try:
            answer = client.get("/account/sessions/")
            assert answer.status_code == 503 and "Retry-After" in answer.headers
        finally:
            connection.cursor().execute("SET lock_timeout = DEFAULT")


def test_the_limits_fit_those_around_them() -> None:
    web, work = configured.DATABASE_LIMITS["web"], configured.DATABASE_LIMITS["work"]
    assert web["lock_timeout"] < web["statement_timeout"] < 60_000, "gunicorn's"
    assert work["lock_timeout"] < work["statement_timeout"] < configured.CELERY_TASK_SOFT_TIME_LIMIT * 1000
    assert set(web) == set(work) == set(LIMITS)


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout"])
def test_the_server_ends_what_takes_longer(committed: None, cast: Cast, settings: Any, name: str) -> None:
    settings.DATABASE_LIMITS = {"web": dict.fromkeys(LIMITS, 0) | {name: 50}}
    connections["owner"].ensure_connection()
    with transaction.atomic("owner"), connections["owner"].cursor() as other:
        other.execute("LOCK TABLE organisations_vendor IN ACCESS EXCLUSIVE MODE")
        waits = "SELECT pg_sleep(60)" if name == "statement_timeout" else "SELECT count(*) FROM organisations_vendor"
        with (
            pytest.raises(OperationalError, match=name.replace("_", " ")),
            open_scope(organisation_id=cast.aldermoor.pk, limits="web"),
            connection.cursor() as cursor,
        ):
            cursor.execute(waits)


def test_no_transaction_waits_for_a_body(committed: None, cast: Cast, processes: Processes) -> None:
    client = Client()
    client.force_login(cast.ada.user)
    session = client.cookies[configured.SESSION_COOKIE_NAME].value
    at = urlsplit(processes.web())
    body = b"name=Tern&code=TERN&csrfmiddlewaretoken=" + b"x" * 32
    with socket.create_connection((str(at.hostname), at.port or 80)) as slow:
        head = (
            f"POST /o/aldermoor/new-vendor/ HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nCookie: {configured.SESSION_COOKIE_NAME}={session}\r\n\r\n"
        )
        slow.sendall(head.encode() + body[:10])
        # It has found out who comes in, the last thing before the body.
        wait_for(
            lambda: any("organisations_membership" in query for _, query in sessions()), "the request is under way"
        )
        assert [state for state, _ in sessions() if state.startswith("idle in transaction")] == []
        slow.sendall(body[10:])
        answer = HTTPResponse(slow)
        answer.begin()
        assert answer.status == 403, "the token of another session, which is read only now"


def sessions() -> list[tuple[str, str]]:
    """State and last statement of the web process's sessions."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT state, query FROM pg_stat_activity WHERE datname = current_database() AND usename = 'plumbline_login' "
            "AND pid <> %s",
            [_own()],
        )
        return list(cursor.fetchall())


def _own() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
