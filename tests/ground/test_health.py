"""What probes are told: alive, ready, degraded, failed."""

import pytest
from django.core.cache import cache

from organisations import row_security


@pytest.fixture(autouse=True)
def nothing_remembered():
    cache.clear()
    yield
    cache.clear()


def test_alive_needs_nothing(client):
    assert client.get("/healthz/live").json() == {"status": "ok"}


def test_ready(db, redis_url, client):
    answer = client.get("/healthz/ready")
    parts = {"database": "ok", "redis": "ok", "migrations": "ok", "walls": "ok"}
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", **parts})
    assert "no-store" in answer["Cache-Control"]


def test_walls_and_migrations_are_asked_once_a_minute(db, redis_url, client, django_assert_num_queries):
    client.get("/healthz/ready")
    with django_assert_num_queries(1):
        client.get("/healthz/ready")


def test_without_redis_it_serves_and_says_so(db, client, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (200, "degraded", "failed")
    assert client.get("/healthz/queue").status_code == 503


def test_walls_that_drift_are_no_walls(db, redis_url, client, monkeypatch):
    monkeypatch.setattr(row_security, "drift", lambda cursor: ["policy: should be there, is absent"])
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["walls"]) == (503, "failed")
    assert "absent" not in answer.content.decode()  # why, is for the log


def test_a_no_is_not_remembered(db, redis_url, client, monkeypatch):
    with monkeypatch.context() as wrong:
        wrong.setattr(row_security, "drift", lambda cursor: ["policy"])
        assert client.get("/healthz/ready").status_code == 503
    assert client.get("/healthz/ready").status_code == 200


def test_the_queue(redis_url, client):
    assert client.get("/healthz/queue").json() == {"status": "ok", "redis": "ok", "waiting": 0}


def test_probes_are_only_read(client):
    assert client.post("/healthz/live").status_code == 405
