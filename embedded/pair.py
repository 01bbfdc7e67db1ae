"""PostgreSQL and Redis together, with the sockets' folder that only this start of them has."""

import json
import os
import shutil
import signal
from pathlib import Path

from config.databases import LOGIN_ROLE, OWNER_ROLE
from embedded import valkey
from embedded.places import Account, new_socket_folder, servers_folder
from embedded.postgres import Postgres
from embedded.processes import command_line, ends_with_parent


class Pair:
    """The two servers of a data folder. What runs is remembered in `folder`/run.json, for other processes to join."""

    def __init__(self, folder: Path, *, durable: bool = True):
        folder.mkdir(parents=True, exist_ok=True)
        self.account = Account.choose(folder)
        self.run_file = folder / "run.json"
        place = servers_folder(folder, self.account)
        self.postgres = Postgres(place, self.account, durable=durable)
        self.redis = valkey.Valkey(place, self.account, durable=durable)
        self.facts: dict = {}

    @property
    def sockets(self) -> Path:
        return Path(self.facts["sockets"])

    def environment(self) -> dict[str, str]:
        """The addresses, as config/databases.py reads them; and the path of psql for `manage.py dbshell`."""
        return {
            "DATABASE_URL": self.postgres.url(self.sockets, LOGIN_ROLE),
            "DATABASE_OWNER_URL": self.postgres.url(self.sockets, OWNER_ROLE),
            "REDIS_URL": f"unix://{self.sockets / valkey.SOCKET}?db=0",
            "PATH": f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{self.postgres.binaries}",
        }

    def choose_addresses(self) -> None:
        """Make environment() known before the servers answer there."""
        self.facts = {"sockets": str(new_socket_folder(self.account))}

    def start(self, *, ends_with_us: bool) -> None:
        """Start both. `ends_with_us`: they must not outlive this process, however it ends."""
        if not self.facts:
            self.choose_addresses()
        sockets = self.sockets
        self.facts |= {"supervisor": os.getpid() if ends_with_us else None, "web": None}
        self.postgres.initialise()
        self.postgres.start(sockets, preexec_fn=ends_with_parent(signal.SIGINT) if ends_with_us else None)
        self.redis.start(sockets, preexec_fn=ends_with_parent(signal.SIGTERM) if ends_with_us else None)
        self.postgres.wait_ready()
        self.redis.wait_ready()
        self.remember(redis=self.redis.process.pid if self.redis.process else 0)

    def join(self) -> bool:
        """Take over what another process started, if both servers are there and nobody's child that is gone."""
        self.facts = self._remembered()
        supervisor = self.facts.get("supervisor")
        if not self.facts or (supervisor and not command_line(supervisor)):
            return False
        self.redis.socket = self.sockets / valkey.SOCKET
        return bool(self.postgres.running()) and self.redis.answers()

    def stop(self) -> None:
        """Stop what runs for this folder, Redis first, whoever started it, and remove the sockets' folder."""
        facts = self._remembered() or self.facts
        self.facts = {}
        if facts:
            self.redis.socket = Path(facts["sockets"]) / valkey.SOCKET
            self.redis.stop(facts.get("redis", 0))
        self.postgres.stop()
        if facts:
            shutil.rmtree(facts["sockets"], ignore_errors=True)
        self.run_file.unlink(missing_ok=True)

    def remember(self, **more) -> None:
        self.facts |= more
        new = self.run_file.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(self.facts, file)
        new.rename(self.run_file)

    def _remembered(self) -> dict:
        try:
            return json.loads(self.run_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
