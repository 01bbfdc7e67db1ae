"""`manage.py demo`: everything under one Ctrl-C. Standard library only, so that it stays small in memory."""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from demo.people import log_ins
from embedded import children, prepare
from embedded.attach import Share, hold
from embedded.pair import Pair
from embedded.places import CHECKOUT, CannotStart, data_folder
from embedded.processes import ends_with_parent, spawn

ALREADY_RUNNING = 3


class Interrupted(Exception):
    """Somebody asked the demo to stop."""


class Demo:
    def __init__(self, folder: Path, port: int | None, *, empty: bool):
        self.folder = folder
        self.port = port
        self.empty = empty
        self.signals = 0
        self.pair: Pair | None = None
        self.preparing: subprocess.Popen | None = None
        self.children: list[children.Child] = []

    def run(self) -> int:
        """Start, keep running, stop. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        begin = time.monotonic()
        try:
            self._start(begin)
            return self._watch()
        except Interrupted:
            return 0
        except CannotStart as error:
            say(f"\n{error}", file=sys.stderr)
            return 1
        finally:
            self._stop()

    def _on_signal(self, number: int, frame: object) -> None:
        self.signals += 1

    def _start(self, begin: float) -> None:
        try:
            listener = children.listen(self.port)
        except OSError as error:
            raise CannotStart(f"Port {self.port or '8000 to 8019'} cannot be used: {error.strerror}.") from error
        environment = self._environment(listener.getsockname()[1])
        if os.environ.get("DATABASE_URL"):
            say("  Servers: those of DATABASE_URL and REDIS_URL")
            self._begin_preparing(environment)
            self._finish_preparing()
        else:
            self._with_own_servers(environment)
        # Requests are never served as the owner of the tables.
        environment.pop("DATABASE_OWNER_URL", None)
        self.listener = listener  # kept: a socket that nobody holds is closed, and web could not be started again on it
        number = listener.fileno()
        self.children = [
            children.Child("web", children.web(number), self.folder / "web.log", environment, (number,)),
            children.Child("worker", children.worker("-Q", "celery"), self.folder / "worker.log", environment),
            children.Child("mailer", children.mailer(), self.folder / "mailer.log", environment),
            children.Child("beat", children.beat(self.folder / "schedule"), self.folder / "beat.log", environment),
        ]
        for child in self.children:
            child.log.unlink(missing_ok=True)
        say("  Web, worker, mailer, beat …")
        self.children[0].start()
        self._wait_for_web(listener.getsockname()[1])
        # Now the others, which would only take the processor away from the first page.
        for child in self.children[1:]:
            child.start()
        self._announce(environment["BASE_URL"], time.monotonic() - begin)

    def _environment(self, port: int) -> dict[str, str]:
        key = self.folder / "secret-key"
        if not key.exists():
            with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        mail = self.folder / "mail"
        mail.mkdir(exist_ok=True)
        ours = {
            "SECRET_KEY": key.read_text(),
            "BASE_URL": f"http://127.0.0.1:{port}",
            "STATIC_ROOT": str(self.folder / "static"),
            "HASHED_STATIC": "1",
            "WORKERS_PER_ORGANISATION": "1",  # of two
            "MEDIA_ROOT": str(self.folder / "media"),
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(mail),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        # What is set already wins: somebody's own mail server, say.
        return {**ours, **os.environ}

    def _with_own_servers(self, environment: dict[str, str]) -> None:
        self.share = share = Share(self.folder)
        with share.gate():
            # A single command may be using the servers; they must be ours, to stop with us.
            if not share.alone(0):
                say("  Waiting for another command that uses the database …")
                if not share.alone(20):
                    raise CannotStart("Another command (a shell?) is using this database: end it, then start the demo.")
            share.pair.stop()
            begin = time.monotonic()
            new = not share.pair.postgres.data.exists()
            say(f"  PostgreSQL and Redis{': making a new database' if new else ''} …")
            self.pair = share.pair
            share.pair.choose_addresses()
            environment.update(share.pair.environment())
            stamp, made_from = self.folder / "prepared", prepare.demo_digest(empty=self.empty)
            if not prepare.is_done(stamp, made_from):
                self._begin_preparing(environment, "--embedded")
            share.pair.start(ends_with_us=True)
            say(f"  PostgreSQL and Redis: {time.monotonic() - begin:.1f} s")
            share.pair.remember(web=environment["BASE_URL"])
            self._finish_preparing()
            if self.preparing:
                stamp.write_text(made_from)
            share.enter()

    def _begin_preparing(self, environment: dict[str, str], *words: str) -> None:
        command = [sys.executable, "-m", "embedded.prepare", *words, *(["--empty"] if self.empty else [])]
        arrange = ends_with_parent(signal.SIGTERM)
        self.preparing = spawn(command, None, cwd=CHECKOUT, env=environment, preexec_fn=arrange)

    def _finish_preparing(self) -> None:
        while self.preparing and self.preparing.poll() is None:
            self._pause(0.02)
        if self.preparing and self.preparing.returncode:
            raise CannotStart("The database could not be prepared; the reason stands above.")

    def _wait_for_web(self, port: int) -> None:
        while not children.answers(port, 1):
            self._pause(0)
            if self.children[0].gone:
                tail = self.children[0].log.read_text(errors="replace").splitlines()[-15:]
                raise CannotStart("The web process did not start:\n  " + "\n  ".join(tail))

    def _announce(self, address: str, seconds: float) -> None:
        say(f"\nReady after {seconds:.1f} s: {address}\n")
        for who, email, password in () if self.empty else log_ins(self.folder / prepare.LOG_INS):
            say(f"  {email:<36} {password:<20} {who}")
        # Root's servers may have to keep their data elsewhere.
        folders = {self.folder, self.pair.postgres.data.parent} if self.pair else {self.folder}
        say(f"\nData, logs and sent mail: {' and '.join(sorted(map(str, folders)))}; delete that to start afresh.")
        say("Ctrl-C stops everything.")

    def _watch(self) -> int:
        while True:
            self._pause(0.2)
            for child in self.children:
                if message := child.look_after():
                    say(message, file=sys.stderr)
            for server in (self.pair.postgres, self.pair.redis) if self.pair else ():
                if server.process and server.process.poll() is not None:
                    say(f"{type(server).__name__} ended; its log is {server.log}", file=sys.stderr)
                    return 1

    def _pause(self, seconds: float) -> None:
        """Sleep; raises Interrupted as soon as somebody asked to stop."""
        if self.signals:
            raise Interrupted
        time.sleep(seconds)

    def _stop(self) -> None:
        """First those who serve and work, then Redis, then PostgreSQL. One more Ctrl-C does not wait for anybody."""
        asked = self.signals
        if self.children or self.pair:
            say("\nStopping …")
        if self.preparing and self.preparing.poll() is None:
            self.preparing.kill()
            self.preparing.wait()
        for child in self.children:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + children.STOP_TIMEOUT
        while not all(child.gone for child in self.children):
            if time.monotonic() > until or self.signals > asked:
                break
            time.sleep(0.02)
        for child in self.children:
            child.signal(signal.SIGKILL)
        if self.pair:
            self.pair.stop()


def say(text: str, file: TextIO | None = None) -> None:
    """Print, at once; a terminal that was closed is no reason to leave anything running."""
    with suppress(OSError):
        print(text, flush=True, file=file or sys.stdout)


def main(words: list[str]) -> int:
    """Run the demo. Exit codes: 0 stopped as asked, 1 could not start or a server died, 3 it runs already."""
    parser = argparse.ArgumentParser(prog="manage.py demo", description=__doc__)
    parser.add_argument("--port", type=int, help="the web address's port; without it the first free one from 8000")
    parser.add_argument("--empty", action="store_true", help="do not load the demo data")
    options = parser.parse_args(words)
    if bool(os.environ.get("DATABASE_URL")) != bool(os.environ.get("REDIS_URL")):
        say("Set both DATABASE_URL and REDIS_URL, or neither.", file=sys.stderr)
        return 1
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with hold(folder / "demo.lock") as mine:
        if not mine:
            say(f"The demo of {folder} runs already; its address is in run.json there.", file=sys.stderr)
            return ALREADY_RUNNING
        say("Plumbline demo")
        return Demo(folder, options.port, empty=options.empty).run()
