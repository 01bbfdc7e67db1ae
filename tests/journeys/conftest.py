"""The stage of the journeys: the demo's data, a web process and a worker on it, and people at browsers."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser

from demo.load import told_until
from embedded.places import CHECKOUT
from lib.months import after
from organisations.models import Membership
from organisations.scope import open_scope
from tests.databases import NAME, copy, fresh_copy, made_once
from tests.journeys.person import Person
from tests.processes import Processes

DEMO = "test_demo"


@pytest.fixture(scope="session")
def demo(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> str:
    """The name of a database with the whole demo. Loaded once in a run, by the product's own command; the others wait for it."""
    with django_db_blocker.unblock():
        made_once(DEMO, load)
        fresh_copy()
    return DEMO


def load() -> None:
    command = [sys.executable, "manage.py", "load_demo"]
    loaded = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr


class Stage:
    """A web process on the demo's data. `worker()` starts one, once."""

    def __init__(self, processes: Processes):
        self.processes = processes
        self.address = processes.web()
        # The last month that the demo tells of to its end: this is reported on.
        self.month = after(told_until(timezone.now()).date().replace(day=1), -1)

    def worker(self) -> None:
        self.processes.worker()

    def member(self, name: str, organisation: str = "aldermoor-energy") -> Membership:
        """Somebody of the demo, by the first name."""
        found = Membership.unscoped.select_related("organisation", "user").filter(organisation__slug=organisation)
        return found.get(email__startswith=f"{name.lower()}@")

    def scope_of(self, member: Membership):
        return open_scope(organisation_id=member.organisation_id, vendor_id=member.vendor_id, actor_id=member.pk)


@pytest.fixture
def stage(demo: str, committed: None, processes: Processes) -> Stage:
    connections.close_all()
    copy(demo, NAME)
    return Stage(processes)


@pytest.fixture
def person(browser: Browser, stage: Stage) -> Iterator[Callable[..., Person]]:
    """`person()`: somebody at a browser of their own. What goes wrong on any page fails the test at its end."""
    people: list[Person] = []

    def arrives(**options: object) -> Person:
        people.append(Person(browser, stage.address, **options))
        return people[-1]

    yield arrives
    for one in people:
        one.context.close()
    wrong = [fault for one in people for fault in one.wrong]
    assert wrong == []
