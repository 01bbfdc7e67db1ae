"""A real PgBouncer in transaction mode in front of this process's database: each transaction may get another session.

Where it is not installed the tests are skipped; REQUIRE_PROGRAMS=1 makes that a failure (CI installs it).
"""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connections

from config.databases import LOGIN_ROLE
from embedded.places import Account
from embedded.processes import ends_with_parent, spawn
from tests.processes import wait_for
from tests.run import NAME

SESSIONS = 2  # so few that everybody shares them
SETTINGS = """
[databases]
{name} = host={sockets} dbname={name}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 100
pidfile = {folder}/pid
"""


@dataclass
class Pooler:
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://{LOGIN_ROLE}@127.0.0.1:{self.port}/{NAME}"


def find_pgbouncer() -> str:
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if not found:
        if os.environ.get("REQUIRE_PROGRAMS"):
            pytest.fail("PgBouncer is not installed, and REQUIRE_PROGRAMS asks for it (Debian: apt install pgbouncer).")
        pytest.skip("PgBouncer is not installed (Debian: apt install pgbouncer).")
    return found


@pytest.fixture
def pooler(committed: None, data_folder: Path) -> Iterator[Pooler]:
    """Django's connections of this process, and DATABASE_URL for others, go through a PgBouncer."""
    program, account = find_pgbouncer(), Account.choose(data_folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sockets = re.search(r"host=([^&]+)", os.environ["DATABASE_URL"])
    assert sockets
    words = {"name": NAME, "sockets": sockets[1], "port": port, "folder": data_folder, "sessions": SESSIONS}
    (data_folder / "settings.ini").write_text(SETTINGS.format(**words))
    (data_folder / "users").write_text(f'"{LOGIN_ROLE}" ""\n')
    account.own(data_folder)
    log = data_folder / "pgbouncer.log"
    command = [program, str(data_folder / "settings.ini")]
    process = spawn(command, log, account, preexec_fn=ends_with_parent(signal.SIGTERM))
    try:
        wait_for(lambda: process.poll() is not None or _listens(port), "PgBouncer listens")
        assert process.poll() is None, log.read_text()
        connections.close_all()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {"HOST": "127.0.0.1", "PORT": str(port)}.items():
                patch.setitem(connections.settings["default"], name, value)
            patch.setenv("DATABASE_URL", Pooler(port).url)
            yield Pooler(port)
            connections.close_all()
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
