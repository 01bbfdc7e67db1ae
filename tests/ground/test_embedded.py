"""The embedded servers: shared by commands, stopped by the last one, found again after a crash. All on real servers."""

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from embedded import places, prepare
from embedded.attach import Share, hold
from embedded.pair import Pair
from embedded.places import CHECKOUT, Account
from embedded.processes import command_line
from tests.processes import enterable_folder, wait_for

PATIENCE = 300
"""Seconds after which a command hangs and is not just slow: the first one migrates an empty database, beside whatever else runs."""


@pytest.fixture(scope="module")
def initialised():
    """A data folder whose cluster was made and never started."""
    with enterable_folder() as place:
        Pair(place).postgres.initialise()
        yield place


@pytest.fixture
def folder(data_folder, initialised):
    """A data folder with a cluster that is said to be migrated already."""
    subprocess.run(["cp", "-a", *initialised.glob("pg*"), data_folder], check=True)
    (data_folder / "schema").write_text(prepare.digest(prepare.SCHEMA))
    return data_folder


@pytest.fixture
def pair_in():
    """Makes pairs of servers and stops them after the test."""
    made = []

    def make(folder):
        made.append(Pair(folder))
        return made[-1]

    yield make
    for pair in made:
        pair.stop()


def manage(folder, *words, **environment):
    """Run manage.py as somebody would who has set nothing, on the embedded servers of `folder`."""
    kept = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    command = [sys.executable, "manage.py", *words]
    return subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=kept | {"PLUMBLINE_DATA": str(folder)} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def nothing_runs(folder):
    return not any(str(folder) in command_line(int(p.name)) for p in Path("/proc").glob("[0-9]*") if p.name != "self")


def test_a_command_in_an_empty_folder_brings_its_database_along(data_folder):
    folder = data_folder
    command = manage(folder, "shell", "--no-imports", "-c", "from django.db import connection as c; print(c.cursor())")
    out, err = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0, err
    assert "CursorWrapper" in out
    assert (folder / "schema").read_text() == prepare.digest(prepare.SCHEMA)
    assert nothing_runs(folder)
    assert not (folder / "run.json").exists()


def test_commands_share_the_servers_and_the_last_one_stops_them(folder):
    first = Share(folder)
    first.enter()
    first.pair.start(ends_with_us=False)
    prepared = first.pair.postgres.running()
    second = manage(folder, "showmigrations", "--database", "owner")
    assert second.communicate(timeout=PATIENCE) and second.returncode == 0
    assert first.pair.postgres.running() == prepared
    first.leave()
    assert first.pair.postgres.running() is None
    assert nothing_runs(folder)


def test_servers_whose_last_user_was_killed_are_taken_over(folder, pair_in):
    shell = manage(folder, "shell", "--no-imports")
    pair = pair_in(folder)
    wait_for(pair.join, "the shell's servers run")
    served_by = pair.postgres.running()
    shell.kill()
    shell.communicate()
    assert pair.postgres.running() == served_by
    done = manage(folder, "showmigrations", "--database", "owner")
    assert done.communicate(timeout=PATIENCE) and done.returncode == 0
    wait_for(lambda: nothing_runs(folder), "the second command stopped them")


def test_a_pid_file_that_names_another_living_process_does_not_stop_the_start(folder, pair_in):
    pair = pair_in(folder)
    other = subprocess.Popen(["sleep", "60"], **pair.account.popen())
    try:
        (pair.postgres.data / "postmaster.pid").write_text(f"{other.pid}\n{pair.postgres.data}\n0\n5432\n\n\n\n")
        pair.account.own(pair.postgres.data / "postmaster.pid")
        pair.start(ends_with_us=True)
        assert pair.postgres.running() not in (None, other.pid)
    finally:
        other.kill()
        other.wait()


def test_an_initialisation_that_was_broken_off_leaves_nothing_in_the_way(data_folder, pair_in):
    pair = pair_in(data_folder)
    (pair.postgres.data.with_suffix(".new") / "base").mkdir(parents=True)
    pair.start(ends_with_us=True)
    assert pair.postgres.running()


def test_data_is_kept_from_one_start_to_the_next(folder, pair_in):
    for expected in (None, "kept"):
        pair = pair_in(folder)
        pair.start(ends_with_us=True)
        with redis.Redis.from_url(pair.environment()["REDIS_URL"], decode_responses=True) as client:
            assert client.get("word") == expected
            client.set("word", "kept")
        with (
            closing(psycopg2.connect(pair.environment()["DATABASE_OWNER_URL"])) as connection,
            connection.cursor() as c,
        ):
            c.execute("CREATE TABLE IF NOT EXISTS words AS SELECT 'kept'::text AS word WHERE false")
            c.execute("SELECT max(word) FROM words")
            assert c.fetchone() == (expected,)
            c.execute("INSERT INTO words VALUES ('kept')")
            connection.commit()
        pair.stop()


def test_a_lock_is_held_by_one_and_free_again_after_a_kill(folder):
    code = (
        f"import sys, time; from embedded.attach import hold; from pathlib import Path\n"
        f"with hold(Path({str(folder / 'x.lock')!r})): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with hold(folder / "x.lock") as mine:
        assert not mine
    holder.kill()
    holder.communicate()
    with hold(folder / "x.lock") as mine:
        assert mine


def test_no_address_is_reachable_from_outside(folder, pair_in):
    pair = pair_in(folder)
    pair.start(ends_with_us=True)
    assert pair.sockets.stat().st_mode & 0o777 == 0o700
    assert pair.run_file.stat().st_mode & 0o777 == 0o600
    assert len(str(pair.sockets / ".s.PGSQL.5432")) < 103
    for server in (pair.postgres, pair.redis):
        sockets = {os.readlink(fd) for fd in Path(f"/proc/{server.process.pid}/fd").iterdir() if fd.is_symlink()}
        inodes = {name[8:-1] for name in sockets if name.startswith("socket:[")}
        for table in ("tcp", "tcp6"):
            rows = Path(f"/proc/{server.process.pid}/net/{table}").read_text().splitlines()[1:]
            assert not inodes & {row.split()[9] for row in rows}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another account")
def test_root_runs_the_servers_as_an_account_that_owns_the_data_also_later(data_folder, pair_in, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_PG_USER", "nobody")
    pair = pair_in(data_folder)
    pair.start(ends_with_us=True)
    monkeypatch.delenv("PLUMBLINE_PG_USER")
    assert Path(f"/proc/{pair.postgres.process.pid}").stat().st_uid == pair.account.uid != 0
    assert Account.choose(data_folder).uid == pair.account.uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another account")
def test_a_folder_that_the_account_cannot_enter_keeps_its_rights(data_folder, pair_in, monkeypatch):
    closed = data_folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(places, "TEMPORARY", data_folder)
    pair = pair_in(closed / "data")
    pair.start(ends_with_us=True)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert not pair.postgres.data.is_relative_to(closed)
    assert json.loads(pair.run_file.read_text())["sockets"] == str(pair.sockets)
    pair.stop()
    # The next start finds the account by the data kept outside.
    assert Account.choose(closed / "data").uid == pair.account.uid


def test_a_killed_starter_takes_its_servers_along(folder):
    code = (
        "import sys, time; from pathlib import Path; from embedded.pair import Pair\n"
        f"pair = Pair(Path({str(folder)!r})); pair.start(ends_with_us=True); print('up', flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout.readline() == "up\n"
    assert not nothing_runs(folder)
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    wait_for(lambda: nothing_runs(folder), "the servers are gone, too")
