"""`manage.py demo`: one start to the next, from somebody's terminal. Empty, because the data has tests of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from demo import supervisor as demo
from embedded import children, prepare
from embedded.pair import Pair
from embedded.places import CHECKOUT
from embedded.processes import command_line
from tests.processes import wait_for


class Terminal:
    """Somebody who starts the demo and reads what it prints."""

    def __init__(self, folder, *words, **environment):
        kept = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        self.output = folder / f"terminal-{os.urandom(4).hex()}.out"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--empty", *words],
                cwd=CHECKOUT,
                env=kept | {"PLUMBLINE_DATA": str(folder)} | environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_ready(self):
        wait_for(lambda: "Ctrl-C stops" in self.text or self.process.poll() is not None, "the demo is ready")
        assert self.process.poll() is None, self.text
        return re.search(r"http://\S+", self.text).group()

    @property
    def text(self):
        return self.output.read_text()

    def ctrl_c(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def folder(data_folder):
    yield data_folder
    for pid in running(data_folder):
        os.kill(pid, signal.SIGKILL)


def running(folder):
    """The processes that name the folder in how they were started or in what they inherited."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            inherited = (entry / "environ").read_bytes()
        except OSError:
            continue
        if f"PLUMBLINE_DATA={folder}\0".encode() in inherited and command_line(int(entry.name)):
            found.append(int(entry.name))
    return found


def named(folder, word):
    return [pid for pid in running(folder) if word in command_line(pid)]


def test_from_the_first_start_over_accidents_to_the_second(folder):
    terminal = Terminal(folder)
    address = terminal.wait_ready()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/nowhere")  # noqa: S310
    with refused.value as answer:
        assert answer.code == 404
    wait_for(lambda: "ready." in (folder / "worker.log").read_text(), "the worker is ready")

    # Whoever starts it a second time is told, and nothing is harmed.
    second = Terminal(folder)
    assert second.process.wait(30) == demo.ALREADY_RUNNING

    # Web and worker are not given what the owner of the tables may do.
    for pid in [*named(folder, "gunicorn"), *named(folder, "celery")]:
        assert b"DATABASE_OWNER_URL" not in Path(f"/proc/{pid}/environ").read_bytes()

    # A process that dies is started again: web's master too, and more than once.
    for _ in range(2):
        before = named(folder, "gunicorn")
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: set(named(folder, "gunicorn")) - set(before), "web is started again")
        wait_for(lambda: children.answers(int(address.rsplit(":")[-1]), 1), "web answers again")

    assert terminal.ctrl_c() == 0
    assert running(folder) == []
    assert not (folder / "run.json").exists()

    made = (folder / "prepared").stat().st_mtime_ns
    again = Terminal(folder)
    again.wait_ready()
    assert "Schema" not in again.text
    assert (folder / "prepared").stat().st_mtime_ns == made

    # Even kill -9 leaves nothing behind that would be in the way of the next start.
    again.process.kill()
    again.process.wait()
    wait_for(lambda: running(folder) == [], "everything ended with its supervisor")
    third = Terminal(folder)
    third.wait_ready()
    assert third.ctrl_c() == 0


@pytest.fixture
def initialised(folder):
    """As after a first start, up to the moment where web would be started."""
    pair = Pair(folder)
    pair.postgres.initialise()
    (folder / "prepared").write_text(prepare.demo_digest(empty=True))
    return folder


def test_a_port_that_is_taken_is_said(initialised):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        terminal = Terminal(initialised, "--port", str(port))
        assert terminal.process.wait(30) == 1
        assert f"Port {port} cannot be used" in terminal.text
    assert running(initialised) == []


def test_a_database_of_one_s_own_needs_its_redis_too(initialised):
    terminal = Terminal(initialised, DATABASE_URL="postgresql://nobody@nowhere/plumbline")
    assert terminal.process.wait(30) == 1
    assert "REDIS_URL" in terminal.text


@pytest.mark.parametrize("word", ["Plumbline demo", "PostgreSQL and Redis:", "Web, worker"])
def test_ctrl_c_while_it_starts_leaves_nothing(initialised, word):
    terminal = Terminal(initialised)
    wait_for(lambda: word in terminal.text, f"it says {word!r}")
    assert terminal.ctrl_c() == 0
    assert "Traceback" not in terminal.text
    assert running(initialised) == []


def test_when_postgresql_dies_everything_stops_with_an_error(initialised):
    terminal = Terminal(initialised)
    terminal.wait_ready()
    facts = json.loads((initialised / "run.json").read_text())
    os.kill(Pair(initialised).postgres.running(), signal.SIGKILL)
    assert terminal.process.wait(60) == 1
    assert "Postgres ended" in terminal.text
    assert running(initialised) == []
    assert not Path(facts["sockets"]).exists()
