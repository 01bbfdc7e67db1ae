"""The processes that the demo keeps running: web, worker, mailer and beat."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from embedded.places import CHECKOUT
from embedded.processes import ends_with_parent, spawn

STOP_TIMEOUT = 10.0  # seconds to finish a request or a task after the polite signal


def web(listener: int) -> list[str]:
    """gunicorn on a socket that is bound already, so that nobody can take the port in between.

    No proxy stands before it, so a client that sends slowly holds a thread: there are many of them, and one costs little.
    """
    words = ["-m", "gunicorn", "config.wsgi", "--bind", f"fd://{listener}", "--workers", "1", "--threads", "64"]
    return [sys.executable, *words, "--timeout", "60", "--graceful-timeout", "5", "--no-control-socket"]


def worker(*more: str) -> list[str]:
    words = ["-m", "celery", "-A", "config", "worker", "-c", "2", "-l", "INFO", "--without-gossip", "--without-mingle"]
    return [sys.executable, *words, *more]


def mailer() -> list[str]:
    """The worker that sends letters and does nothing else."""
    return worker("-Q", "mail", "-c", "1", "-n", "mail@%h")


def beat(schedule: Path) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "config", "beat", "-l", "INFO", "--pidfile=", "-s", str(schedule)]


@dataclass
class Child:
    """One process that is started again when it ends by itself."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen | None = None
    not_before: float = 0.0
    failures: int = field(default=0)

    def start(self) -> None:
        self.process = spawn(
            self.command,
            self.log,
            cwd=CHECKOUT,
            env=self.environment,
            pass_fds=self.pass_fds,
            preexec_fn=ends_with_parent(signal.SIGTERM),
        )
        self.started = time.monotonic()

    def look_after(self) -> str | None:
        """Start it again if it ended: at once, later each time it fails within 10 seconds. Returns what to tell."""
        if self.process and self.process.poll() is not None:
            code, self.process = self.process.returncode, None
            self.failures = self.failures + 1 if time.monotonic() - self.started < 10 else 0
            self.not_before = time.monotonic() + min(30, 2**self.failures - 1)
            return f"{self.name} ended ({code}) and is started again; its log is {self.log}"
        if not self.process and time.monotonic() >= self.not_before:
            self.start()
        return None

    def signal(self, number: int) -> None:
        """Signal the process; SIGKILL goes to all that it started, too."""
        if not self.process or self.process.poll() is not None:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass

    @property
    def gone(self) -> bool:
        return not self.process or self.process.poll() is not None


def listen(port: int | None) -> socket.socket:
    """A listening socket on loopback: the given port (0: any), or the first free one from 8000. Raises OSError."""
    for candidate in range(8000, 8020) if port is None else [port]:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError:
            listener.close()
            if candidate in (port, 8019):
                raise
            continue
        listener.listen(64)
        listener.set_inheritable(True)
        return listener
    raise OSError("no free port")


def answers(port: int, seconds: float) -> bool:
    """Whether the web process answers anything within so many seconds; a request waits in the socket's queue till then."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
            connection.settimeout(seconds)
            connection.sendall(b"GET /healthz/live HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(16).startswith(b"HTTP/1.")
    except OSError:
        return False
