"""What probes are told: alive, ready, degraded, failed."""

import re
from datetime import timedelta
from unittest.mock import ANY

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from lib import postgres
from lib.clock import database_now
from organisations import row_security
from organisations.models import Heartbeat


@pytest.fixture(autouse=True)
def nothing_remembered():
    caches["process"].clear()
    yield
    caches["process"].clear()


def test_alive_needs_nothing(client):
    assert client.get("/healthz/live").json() == {"status": "ok"}


@pytest.fixture
def heard(db):
    """Beat and those who take the queues were heard of a moment ago; `heard(beat=600)`: so many seconds ago."""

    def of(**seconds_ago):
        for name in ("tick", "mail"):
            at = database_now() - timedelta(seconds=seconds_ago.get(name, 0))
            Heartbeat.objects.update_or_create(name=name, defaults={"at": at})

    of()
    return of


def test_ready(heard, redis_url, client):
    answer = client.get("/healthz/ready")
    parts = dict.fromkeys(("database", "redis", "migrations", "walls", "extra", "work", "clock"), "ok")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", **parts})
    assert "no-store" in answer["Cache-Control"]


def test_walls_and_migrations_are_asked_once_a_minute(db, redis_url, client, django_assert_num_queries):
    client.get("/healthz/ready")
    with django_assert_num_queries(3):  # is the database there, does the work go round, and what is the time
        client.get("/healthz/ready")


@pytest.mark.parametrize("hours", [-1, 40 * 24])
def test_a_clock_that_is_wrong_is_seen(heard, redis_url, client, monkeypatch, hours):
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(hours=hours))
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["clock"]) == (200, "degraded", "failed")


def test_without_redis_it_serves_and_says_so(db, client, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (200, "degraded", "failed")
    assert client.get("/healthz/queue").status_code == 503


def test_walls_that_drift_are_no_walls(db, redis_url, client, monkeypatch):
    monkeypatch.setattr(row_security, "lacking", lambda cursor: ["policy: should be there, is absent"])
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["walls"]) == (503, "failed")
    assert "absent" not in answer.content.decode()  # why, is for the log


def test_a_no_is_not_remembered(db, redis_url, client, monkeypatch):
    with monkeypatch.context() as wrong:
        wrong.setattr(row_security, "lacking", lambda cursor: ["policy"])
        assert client.get("/healthz/ready").status_code == 503
    assert client.get("/healthz/ready").status_code == 200


def test_what_a_newer_release_added_is_no_reason_not_to_serve(committed, redis_url, client):
    """Replicas of the old release go on during a rolling upgrade."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TABLE newer (id bigint, organisation_id bigint); ALTER TABLE newer ENABLE ROW LEVEL SECURITY;"
            "GRANT SELECT ON newer TO plumbline_staff; CREATE POLICY staff ON newer TO plumbline_staff USING (true);"
            "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '9999_newer', now())"
        )
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["extra"]) == (200, "degraded", "failed")
    assert (answer.json()["walls"], answer.json()["migrations"]) == ("ok", "ok")
    with connections["owner"].cursor() as cursor:
        assert any("newer" in difference for difference in row_security.drift(cursor))
        cursor.execute("DROP POLICY staff ON contracts_contract")
    caches["process"].clear()
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["walls"]) == (503, "failed")


def test_the_queue(heard, redis_url, client):
    assert client.get("/healthz/queue").json() == {
        "status": "ok",
        "redis": "ok",
        "beat": "ok",
        "mail": "ok",
        "waiting": {"celery": 0, "mail": 0},
        "tick_seconds_ago": ANY,
        "mail_seconds_ago": ANY,
    }


@pytest.mark.parametrize(("silent", "part"), [("tick", "beat"), ("mail", "mail")])
def test_a_silent_beat_and_a_queue_nobody_takes_are_seen(heard, redis_url, client, silent, part):
    heard(**{silent: 600})
    answer = client.get("/healthz/queue")
    assert (answer.status_code, answer.json()["status"], answer.json()[part]) == (503, "failed", "failed")
    assert answer.json()[f"{silent}_seconds_ago"] in range(600, 660)
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["work"]) == (200, "degraded", "failed")


def test_nothing_was_ever_heard_of(db, redis_url, client):
    assert client.get("/healthz/ready").json()["work"] == "failed"
    assert client.get("/healthz/queue").status_code == 503


@pytest.mark.parametrize(
    ("given", "status"),
    [({}, 404), ({"Authorization": "Bearer another"}, 404), ({"Authorization": "Bearer for-the-watch"}, 200)],
)
def test_how_much_waits_is_for_whoever_has_the_token(heard, redis_url, client, settings, given, status):
    settings.MONITORING_TOKEN = "for-the-watch"
    assert client.get("/healthz/queue", headers=given).status_code == status


def test_in_production_nobody_is_told_without_a_token(db, client, settings):
    settings.PRODUCTION = True
    assert client.get("/healthz/queue").status_code == 404
    assert client.get("/healthz/queue", headers={"Authorization": "Bearer "}).status_code == 404


def test_probes_are_only_read(client):
    assert client.post("/healthz/live").status_code == 405


@pytest.mark.django_db(databases=["default", "owner"])
def test_an_old_server_is_refused_by_name(redis_url, client, monkeypatch):
    monkeypatch.setattr(postgres, "OLDEST", 99)
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "failed")
    assert re.fullmatch(r"PostgreSQL \d+\.\d+ is too old: Plumbline needs 99 or newer", answer.json()["reason"])
    with pytest.raises(CommandError, match=r"PostgreSQL \d+\.\d+ is too old: Plumbline needs 99 or newer\. Nothing"):
        call_command("migrate", verbosity=0)


@pytest.mark.parametrize(("version", "name"), [(150018, "15.18"), (140000, "14.0")])
def test_which_servers_are_too_old(version, name):
    assert postgres.describe_too_old(version) == f"PostgreSQL {name} is too old: Plumbline needs 16 or newer"


@pytest.mark.parametrize("version", [160000, 170010, 180006])
def test_which_servers_will_do(version):
    assert postgres.describe_too_old(version) is None
