"""`python tools/install.py LOCK COMMAND…`: install a lock into this Python's environment, saying how far it is.

COMMAND is whichever pip there is (`python -m pip`, or `uv pip`), up to its own first word. Standard library alone, because it runs
before anything is installed, and the only place that says how a lock is installed: by checksum, and without asking the packages
what they need. A lock is complete; but a package that asks for an extra of another (`coverage[toml]`) makes pip look for
releases that no lock can name. `pip check` afterwards finds what a lock lacks.
"""

import re
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterable
from pathlib import Path

EVERY = 3.0  # seconds between two lines: silence looks like a fault
TAIL = 30  # lines of the installer's own words, where it failed


class Progress:
    """What the installer has told so far, and what lies in the environment."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.lines: list[str] = []
        self.before = self._there()

    def hear(self, output: Iterable[str]) -> None:
        for line in output:
            self.lines.append(line.rstrip())
            if line.startswith("Ignoring "):  # pip: a package for other systems or versions
                self.wanted -= 1

    def say(self, seconds: float) -> None:
        collected = sum(line.startswith("Collecting ") for line in self.lines)
        installed = len(self._there() - self.before)
        installing = installed or any(line.startswith("Installing collected") for line in self.lines)
        done, word = (installed, "installed") if installing else (collected, "fetched")
        far = f"{min(done, self.wanted)} of {self.wanted} packages {word}"
        print(f"  {far}, {seconds:.0f} s", file=sys.stderr, flush=True)

    @staticmethod
    def _there() -> set[str]:
        return {path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info")}


def install(lock: Path, command: list[str]) -> int:
    """Run the installer. Returns its exit code; where it failed, its last words are on the error output."""
    words = [*command, "install", "--require-hashes", "--no-deps", "-r", str(lock)]
    progress = Progress(len(re.findall(r"^[\w.-]+==", lock.read_text(), re.M)))
    begin = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    listener = threading.Thread(target=progress.hear, args=[process.stdout])
    listener.start()
    while True:
        try:
            process.wait(EVERY)
            break
        except subprocess.TimeoutExpired:
            progress.say(time.monotonic() - begin)
    listener.join()
    if process.returncode:
        print("\n".join(progress.lines[-TAIL:]), file=sys.stderr)
    return process.returncode


def check(command: list[str]) -> int:
    """Ask the installer whether every package has what it needs. Returns its exit code."""
    done = subprocess.run([*command, "check"], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{done.stdout}{done.stderr}\nThe lock is incomplete; ./lock.sh makes it again.", file=sys.stderr)
    return done.returncode


def main(words: list[str]) -> int:
    lock, command = Path(words[0]), words[1:]
    return install(lock, command) or check(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
