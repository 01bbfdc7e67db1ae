"""Real processes for tests: a web server, workers and beats; and servers of a test's own that it may stop and kill.

def test_judgement_survives_a_killed_worker(servers, processes):
    address = processes.web()
    worker = processes.worker()
    worker.signal(signal.SIGKILL)
    servers.redis_away()
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections

from config.databases import OWNER_ROLE
from embedded import children
from embedded.pair import Pair
from embedded.postgres import DATABASE
from embedded.processes import ends_with_parent
from tests.databases import ALIASES


class Processes:
    """Starts the product's processes against whatever databases the environment names at that moment."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.mail = folder / "mail"
        self.mail.mkdir()
        self.started: list[children.Child] = []

    def web(self, **environment: str) -> str:
        """Start gunicorn as the demo does; returns its address when it answers."""
        listener = children.listen(0)
        port = listener.getsockname()[1]
        environment.setdefault("BASE_URL", f"http://127.0.0.1:{port}")
        child = self.start("web", children.web(listener.fileno()), (listener.fileno(),), **environment)
        listener.close()
        wait_for(lambda: child.gone or children.answers(port, 1), "the web process answers")
        assert not child.gone, child.log.read_text()
        return environment["BASE_URL"]

    def worker(self, *words: str, **environment: str) -> children.Child:
        """Start a Celery worker with two processes; returns when it takes tasks."""
        child = self.start("worker", children.worker(*words), **environment)
        wait_for(lambda: child.gone or "ready." in child.log.read_text(), "the worker is ready")
        assert not child.gone, child.log.read_text()
        return child

    def beat(self, *, seconds: float = 1.0, **environment: str) -> children.Child:
        """Start a beat that rings every so many seconds."""
        schedule = self.folder / f"schedule-{len(self.started)}"
        return self.start("beat", children.beat(schedule), **{"TICK_SECONDS": str(seconds), **environment})

    def start(
        self, name: str, command: list[str], pass_fds: tuple[int, ...] = (), **environment: str
    ) -> children.Child:
        """Start any command as the demo starts its own; its output is in `.log`."""
        ours = {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(self.mail),
            "MEDIA_ROOT": str(self.folder / "media"),
            "MAIL_PAUSE_SECONDS": "0",
            "TICK_SECONDS": "1",  # a second tick within half of that is one too many
        }
        # Requests and tasks are never served as the owner of the tables.
        inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
        log = self.folder / f"{name}-{len(self.started)}.log"
        child = children.Child(name, command, log, inherited | ours | environment, pass_fds)
        child.start()
        self.started.append(child)
        return child

    def stop(self) -> None:
        """End everything that was started, politely for three seconds."""
        for child in self.started:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + 3
        while time.monotonic() < until and not all(child.gone for child in self.started):
            time.sleep(0.02)
        for child in self.started:
            child.signal(signal.SIGKILL)
            child.process.wait()


class Servers:
    """A PostgreSQL and a Redis of one test's own, with the schema and no data."""

    def __init__(self, folder: Path):
        self.pair = Pair(folder, durable=False)
        template = os.environ["DATABASE_OWNER_URL"].split("?")[1]
        self.pair.postgres.copy_from(f"postgresql://{OWNER_ROLE}@/postgres?{template}")
        self.pair.start(ends_with_us=True)

    def postgres_away(self, how: int = signal.SIGINT) -> None:
        """Stop PostgreSQL: SIGINT at once but in order, SIGQUIT like a crash."""
        self.pair.postgres.stop(how)

    def postgres_back(self) -> None:
        self.pair.postgres.start(self.pair.sockets, preexec_fn=ends_with_parent(signal.SIGINT))
        self.pair.postgres.wait_ready()

    def redis_away(self) -> None:
        """Stop Redis. It keeps nothing: when it is back it is empty, which the product must bear at any moment."""
        self.pair.redis.stop()

    def redis_back(self) -> None:
        self.pair.redis.start(self.pair.sockets, preexec_fn=ends_with_parent(signal.SIGTERM))
        self.pair.redis.wait_ready()


@contextmanager
def enterable_folder() -> Iterator[Path]:
    """A folder that the account can enter, too, that runs the servers for root; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="plumbline-data-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """An empty folder for embedded servers."""
    with enterable_folder() as folder:
        yield folder


@pytest.fixture
def processes(committed: None, tmp_path: Path) -> Iterator[Processes]:
    """Processes against this worker's database, or against those of `servers` where the test asks for them, too."""
    started = Processes(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def servers(committed: None, data_folder: Path) -> Iterator[Servers]:
    """Servers to stop and kill; Django's connections of this process and the environment point to them."""
    own = Servers(data_folder)
    connections.close_all()
    # Not the fixture `monkeypatch`: it may end later than `committed`, which needs the run's own servers again.
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.pair.environment().items():
            patch.setenv(name, value)
        for alias in ALIASES:
            patch.setitem(connections.settings[alias], "HOST", str(own.pair.sockets))
            patch.setitem(connections.settings[alias], "NAME", DATABASE)
        yield own
        connections.close_all()
    own.pair.stop()


def wait_for(condition: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait until the condition holds; fails the test with `what` after so many seconds: it hangs, then, and is not just slow."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"After {seconds:g} seconds it is still not so that {what}.")
        time.sleep(0.05)
