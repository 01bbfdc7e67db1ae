"""Addresses of databases and of Redis, and the fixtures that the other tests stand on."""

import psycopg2
import pytest
import redis
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.utils import timezone

from config import databases
from tests.run import NAME


def test_an_address_over_tcp_with_encoded_signs():
    entry = databases.parse("postgresql://us%40er:p%2Fw@db.example:5433/plumb%20line?sslmode=require")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"]) == ("us@er", "p/w", "db.example", "5433")
    assert entry["NAME"] == "plumb line"
    assert entry["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "address",
    ["postgresql://me@/plumbline?host=/Run/Sockets", "postgresql://me@/plumbline?host=%2FRun%2FSockets"],
)
def test_a_unix_socket_keeps_its_capital_letters(address):
    entry = databases.parse(address)
    assert (entry["USER"], entry["HOST"], entry["PORT"], entry["NAME"]) == ("me", "/Run/Sockets", "", "plumbline")


def test_another_database_than_postgresql_is_refused():
    with pytest.raises(ValueError, match="postgresql://"):
        databases.from_environment({"DATABASE_URL": "mysql://me@db/plumbline"})


def test_one_address_serves_both_aliases_and_default_puts_on_the_login_role():
    both = databases.from_environment({"DATABASE_URL": "postgresql://boss@db/p?options=-c%20jit%3Doff"})
    assert both["default"]["OPTIONS"]["options"] == "-c jit=off -c role=plumbline_login"
    assert both["owner"]["OPTIONS"]["options"] == "-c jit=off"


def test_two_addresses_stay_as_they_are():
    both = databases.from_environment(
        {"DATABASE_URL": "postgresql://login@db/p", "DATABASE_OWNER_URL": "postgresql://owner@db/p"}
    )
    assert (both["default"]["USER"], both["owner"]["USER"]) == ("login", "owner")
    assert "options" not in both["default"]["OPTIONS"]


def test_without_an_address_the_driver_says_what_is_missing():
    entry = databases.from_environment({})["default"]
    with pytest.raises(psycopg2.OperationalError, match="DATABASE_URL-is-not-set"):
        psycopg2.connect(host=entry["HOST"], dbname=entry["NAME"])


def test_the_broker_s_spelling_of_a_unix_socket():
    environ = {"REDIS_URL": "unix:///run/redis.sock?db=3"}
    assert databases.redis_url(environ) == "unix:///run/redis.sock?db=3"
    assert databases.broker_url(environ) == "redis+socket:///run/redis.sock?virtual_host=3"
    assert databases.broker_url({"REDIS_URL": "redis://cache:6379/2"}) == "redis://cache:6379/2"


def a_session(key):
    return Session.objects.create(session_key=key, session_data="", expire_date=timezone.now())


def test_web_and_workers_connect_as_the_login_role_migrations_as_the_owner(committed):
    for alias, role in (("default", "plumbline_login"), ("owner", "plumbline_owner")):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_user, current_database()")
            assert cursor.fetchone() == (role, NAME)


@pytest.mark.parametrize("which", ["one", "two"])
def test_what_a_test_commits_is_gone_in_the_next(committed, which):
    """Both cases commit the same key; in whatever order they run, each finds the table empty."""
    assert not Session.objects.exists()
    a_session("same")
    connection.close()
    assert Session.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("which", ["one", "two"])
def test_what_a_test_does_not_commit_is_gone_in_the_next(which):
    assert not Session.objects.exists()
    a_session("same")


@pytest.mark.parametrize("which", ["one", "two"])
def test_redis_is_empty_at_first(redis_url, which):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_a_test_may_take_its_own_servers_away(servers):
    a_session("kept")
    connection.close()
    servers.postgres_away()
    with pytest.raises(Exception, match="connection to server"):
        Session.objects.count()
    servers.postgres_back()
    assert Session.objects.count() == 1
    servers.redis_away()
    servers.redis_back()
    assert servers.pair.redis.answers()
