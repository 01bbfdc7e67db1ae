"""A PostgreSQL and a Redis for one test run.

Loaded with `-p tests.run` (see pyproject.toml), because the addresses must stand in the environment before
pytest-django reads the settings. The first process starts the servers, throw-away and without fsync; the workers of
pytest-xdist inherit the addresses and take a database each.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.pair import Pair

FIXTURES = ("tests.databases", "tests.processes", "tests.browser", "tests.pooler")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# Redis has 64 databases; two workers that share one would hear each other's tasks.
NUMBER = int(WORKER.removeprefix("gw") or 0) % 64
NAME = f"test_{WORKER or 'alone'}"


class Run:
    """The servers of this run and where they keep their things; only the first process holds one."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="plumbline-tests-"))
        # The account that runs the servers where root runs the tests must be able to pass through.
        self.folder.chmod(0o711)
        self.pair = Pair(self.folder, durable=False)
        self.pair.start(ends_with_us=True)
        os.environ.update(self.pair.environment(), PLUMBLINE_TEST_RUN=str(self.folder))

    def end(self) -> None:
        self.pair.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Before pytest-django's own part: start the servers, and point the environment to this process's databases."""
    if not WORKER:
        early_config.add_cleanup(Run().end)
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ[variable] = re.sub(r"@/\w+\?", f"@/{NAME}?", os.environ[variable])
    os.environ["REDIS_URL"] = re.sub(r"db=\d+", f"db={NUMBER}", os.environ["REDIS_URL"])
    # Playwright's synchronous interface runs an event loop in this thread; the ORM is used from it, not inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Now, after pytest-django: of two fixtures with one name the one registered later counts.
    for plugin in FIXTURES:
        early_config.pluginmanager.import_plugin(plugin)
    return (yield)
