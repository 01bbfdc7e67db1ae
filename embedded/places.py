"""Where the servers keep their data, and as which account they run."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

# Kept over a restart of the machine, unlike the other temporary folder.
TEMPORARY = Path("/var/tmp")

# A unix socket's path may have 107 bytes (103 on macOS); the file name takes about 20 of them.
LONGEST_SOCKET_FOLDER = 75


class CannotStart(Exception):
    """The embedded servers cannot run here; the message says what to do."""


def data_folder() -> Path:
    """Where `./dev demo` and single commands keep everything: `.demo` in the checkout, or PLUMBLINE_DATA."""
    return Path(os.environ.get("PLUMBLINE_DATA") or CHECKOUT / ".demo").absolute()


@dataclass(frozen=True)
class Account:
    """Who runs the servers: the user of this process, or, for root (PostgreSQL refuses it), an account that exists."""

    uid: int
    gid: int
    other: bool  # another one than this process's own

    @classmethod
    def choose(cls, folder: Path) -> "Account":
        """For root: the owner of the data kept for `folder`, PLUMBLINE_PG_USER, `postgres`, `nobody`. Else oneself."""
        if os.geteuid() != 0:
            _must_have_a_name(os.geteuid())
            return cls(os.geteuid(), os.getegid(), other=False)
        for data in [*folder.glob("pg[0-9]*"), *_outside("data", str(folder)).glob("pg[0-9]*")]:
            if (owner := data.stat()).st_uid:
                return cls(owner.st_uid, owner.st_gid, other=True)
        for name in filter(None, (os.environ.get("PLUMBLINE_PG_USER"), "postgres", "nobody")):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, other=True)
        raise CannotStart("PostgreSQL does not run as root, and there is no account to run it: set PLUMBLINE_PG_USER.")

    def popen(self) -> dict:
        """Arguments for subprocess that change to this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.other else {}

    def own(self, path: Path) -> None:
        if self.other:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can reach the folder; asked of the system, since modes alone do not tell."""
        if not self.other:
            return True
        question = ["test", "-x", str(folder)]
        return subprocess.run(question, cwd="/", stderr=subprocess.DEVNULL, check=False, **self.popen()).returncode == 0


def _must_have_a_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise CannotStart(
            f"User id {uid} has no account entry, which PostgreSQL needs: set DATABASE_URL and REDIS_URL instead."
        ) from None


def servers_folder(folder: Path, account: Account) -> Path:
    """Where the servers' data goes: `folder`, or, where the account cannot enter it, a place kept for this folder.

    That place lies under the system's persistent temporary folder, because no directory's rights are ever changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return folder if account.can_enter(folder) else _place_outside("data", str(folder))


def reachable(package: Path, account: Account) -> Path:
    """A wheel's folder itself, or a copy that the account can read (with the libraries beside it: relative rpath)."""
    if account.can_enter(package):
        return package
    stamp = f"{package}:{package.stat().st_mtime_ns}:{package.stat().st_ino}"
    place = _place_outside("bin", stamp)
    copy = place / package.name
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=place))
        shutil.copytree(package, unfinished / package.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, place / libraries.name, symlinks=True, dirs_exist_ok=True)
        (unfinished / package.name).rename(copy)
        unfinished.rmdir()
    return copy


def _outside(kind: str, what: str) -> Path:
    return TEMPORARY / f"plumbline-{kind}-{hashlib.sha256(what.encode()).hexdigest()[:16]}"


def _place_outside(kind: str, what: str) -> Path:
    place = _outside(kind, what)
    place.mkdir(mode=0o755, exist_ok=True)
    facts = place.lstat()
    # Anybody may write to /var/tmp: a folder that someone else put there first is not used.
    if place.is_symlink() or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise CannotStart(f"{place} belongs to somebody else: remove it, or set PLUMBLINE_DATA to another folder.")
    return place


def new_socket_folder(account: Account) -> Path:
    """A new folder of mode 0700 for the sockets, with a path short enough for one, that the account can enter."""
    parent = Path(tempfile.gettempdir())
    if len(str(parent)) > LONGEST_SOCKET_FOLDER - 20 or not account.can_enter(parent):
        parent = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="plumbline-", dir=parent))
    account.own(folder)
    return folder
