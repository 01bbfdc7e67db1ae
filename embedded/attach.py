"""How commands share the embedded servers: the first one starts them, the last one to leave stops them.

Two locks in the data folder. Who starts, migrates or stops holds `gate`; who uses the servers holds `users` as one of
many. At the end each tries to have `users` alone: who succeeds was the last. The kernel drops the locks of a killed process.
"""

import atexit
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from embedded import prepare
from embedded.pair import Pair
from embedded.places import CannotStart, data_folder

# These neither read nor write the database.
NEED_NOTHING = {"help", "version", "check", "makemessages", "compilemessages", "collectstatic", "findstatic"} | {
    "spectacular",
    "diffsettings",
    "startapp",
}
# These look at the schema as it is, as its owner.
ABOUT_THE_SCHEMA = {
    "migrate",
    "makemigrations",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
    "optimizemigration",
}


class Share:
    """This process's part in the servers of a data folder."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.pair = Pair(folder)
        self.folder = folder
        self.users = (folder / "users.lock").open("a")

    def gate(self, seconds: float | None = None) -> AbstractContextManager[bool]:
        """Be the only one who starts or stops. With `seconds`, gives up after them: then the answer is False."""
        return hold(self.folder / "gate.lock", seconds)

    def alone(self, seconds: float) -> bool:
        """Whether nobody else uses the servers; from then on this process holds them alone."""
        return _lock(self.users, fcntl.LOCK_EX, seconds)

    def enter(self) -> None:
        """Use the servers together with others."""
        fcntl.flock(self.users, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Stop the servers, if nobody else uses them."""
        # First let go: of two who leave at once, the later one at the gate then finds itself alone.
        fcntl.flock(self.users, fcntl.LOCK_UN)
        # Whoever keeps the gate closed for longer is starting, and will see to the end itself.
        with self.gate(seconds=2) as mine:
            if mine and self.alone(0):
                self.pair.stop()
        self.users.close()


def for_command(command: str) -> None:
    """Make the environment point to the embedded servers for one `manage.py` command, with a schema that is up to date."""
    if command in NEED_NOTHING or command.startswith("-"):
        return
    try:
        share = Share(data_folder())
        with share.gate():
            share.enter()
            atexit.register(_leave_once, share, os.getpid())
            if not share.pair.join():
                share.pair.stop()
                share.pair.start(ends_with_us=False)
            os.environ.update(share.pair.environment())
            if command in ABOUT_THE_SCHEMA:
                os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
            else:
                prepare.schema(share.folder)
    except CannotStart as error:
        sys.exit(str(error))


def _leave_once(share: Share, pid: int) -> None:
    if os.getpid() == pid:
        share.leave()


@contextmanager
def hold(path: Path, seconds: float | None = 0) -> Iterator[bool]:
    """Hold a lock file alone; the answer says whether that succeeded within so many seconds (None: wait for ever)."""
    with path.open("a") as file:
        yield _lock(file, fcntl.LOCK_EX, seconds)


def _lock(file: IO[str], how: int, seconds: float | None) -> bool:
    """Take a lock; None waits for ever, and says so when it takes a while."""
    begin = time.monotonic()
    told = False
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - begin
            if seconds is not None and waited >= seconds:
                return False
            if waited > 2 and not told and seconds is None:
                told = True
                print("Waiting for another command that is starting the database …", file=sys.stderr)
            time.sleep(0.01)
        else:
            return True
