"""Starts that are refused, by really starting: each says why in a sentence, and what to do."""

import os
import re
from collections.abc import Callable
from urllib.request import Request, urlopen

import pytest

from embedded import children
from tests.processes import Processes, wait_for

FERNET = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
GOOD = {"PRODUCTION": "1", "SECRET_KEY": "k3y-" * 16, "ENCRYPTION_KEYS": FERNET, "HASHED_STATIC": "0"}


@pytest.fixture
def ends(processes: Processes) -> Callable[..., str]:
    """Start the web process with this environment; what it said when it had ended, and not because all was well."""

    def started(**environment: str) -> str:
        with children.listen(0) as listener:
            command = children.web(listener.fileno())
            child = processes.start("web", command, (listener.fileno(),), **environment)
            wait_for(lambda: child.gone, "the start is refused")
        assert child.process.returncode != 0
        return " ".join(child.log.read_text().split())

    return started


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"DEBUG": "1"}, "PRODUCTION and DEBUG are both set"),
        ({"SECRET_KEY": ""}, "PRODUCTION is set without a SECRET_KEY"),
        ({"SECRET_KEY": "too-short"}, "SECRET_KEY is shorter than 50 characters"),
        ({"SECRET_KEY": "only-for-the-demo-and-tests-" * 2}, "SECRET_KEY is the known one of demo and tests"),
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS is not set"),
        ({"PRODUCTION": "", "DEBUG": "1", "SECRET_KEY": ""}, "DEBUG is set without a SECRET_KEY"),
    ],
    ids=lambda given: re.sub(r"\W+", "-", str(given))[:40],
)
def test_what_would_be_open_does_not_start(ends: Callable[..., str], environment: dict[str, str], why: str) -> None:
    assert why in ends(**GOOD | environment)


def test_the_owner_of_the_tables_serves_nobody(ends: Callable[..., str]) -> None:
    said = ends(**GOOD, DATABASE_URL=os.environ["DATABASE_OWNER_URL"])
    assert re.search("DATABASE_URL logs in as plumbline_owner, (the owner of the tables|a superuser)", said)
    assert "Put plumbline_login there" in said


@pytest.mark.parametrize("command", [children.worker("-Q", "celery"), ["beat"]], ids=["worker", "beat"])
def test_nor_do_workers_and_beat_work_as_the_owner(processes: Processes, tmp_path, command: list[str]) -> None:
    command = children.beat(tmp_path / "schedule") if command == ["beat"] else command
    child = processes.start("work", command, **GOOD, DATABASE_URL=os.environ["DATABASE_OWNER_URL"])
    wait_for(lambda: child.gone or "Put plumbline_login there" in child.log.read_text(), "the start is refused")
    wait_for(lambda: child.gone, "it ends")
    assert child.process.returncode != 0


def test_with_all_that_is_needed_it_starts(processes: Processes) -> None:
    assert processes.web(**GOOD, ALLOWED_HOSTS="127.0.0.1").startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("environment", "header"),
    [
        ({}, "max-age=31536000"),
        ({"HSTS_SECONDS": "600"}, "max-age=600"),
        ({"HSTS_SUBDOMAINS": "1", "HSTS_PRELOAD": "1"}, "max-age=31536000; includeSubDomains; preload"),
        ({"HSTS_SECONDS": "0"}, None),
    ],
)
def test_https_is_promised_for_this_host_alone_unless_told(
    processes: Processes, environment: dict[str, str], header: str | None
) -> None:
    address = processes.web(**GOOD, **environment, ALLOWED_HOSTS="127.0.0.1", TRUSTED_PROXIES="127.0.0.1")
    asked = Request(f"{address}/account/login/", headers={"X-Forwarded-Proto": "https"})  # noqa: S310
    with urlopen(asked) as answer:  # noqa: S310
        assert answer.headers["Strict-Transport-Security"] == header
