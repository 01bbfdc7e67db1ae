"""Starting, recognising and stopping processes, on Linux and macOS."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from embedded.places import Account


def spawn(command: list, log: Path | None, account: Account | None = None, **popen) -> subprocess.Popen:
    """Start a process in a session of its own (a Ctrl-C at the terminal must not reach it), its output in `log`."""
    if account:
        popen |= {"cwd": "/", **account.popen()}
    with log.open("ab") if log else nullcontext() as output:
        popen |= {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        return subprocess.Popen(command, start_new_session=True, **popen)


def ends_with_parent(how: int) -> Callable[[], None] | None:
    """A preexec_fn: the kernel sends the signal `how` when this process is gone, even by kill -9. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def arrange() -> None:
        libc.prctl(1, how)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os.kill(os.getpid(), how)

    return arrange


def command_line(pid: int) -> str:
    """How the process was started; empty where there is none. /proc first: a small Debian has no ps."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return ""
    return subprocess.run(["ps", "-p", str(pid), "-o", "command="], check=False, capture_output=True, text=True).stdout


def stop(pid: int, child: subprocess.Popen | None, how: int, last: int = signal.SIGKILL, seconds: float = 20) -> None:
    """Send the signal `how` and wait until the process is gone, a child or not; after `seconds` send `last`."""
    for number, patience in ((how, seconds), (last, 5.0)):
        until = time.monotonic() + patience
        sent = False
        while time.monotonic() < until:
            gone = child.poll() is not None if child else not command_line(pid)
            if gone:
                return
            if not sent:
                os.kill(pid, number)
                sent = True
            time.sleep(0.01)
