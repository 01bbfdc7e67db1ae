"""tools/install.py: what somebody sees while a lock is installed, with a stand-in for pip that takes its time."""

import subprocess
import sys
from pathlib import Path

from embedded.places import CHECKOUT

LOCK = "# two packages\nalpha==1.0 \\\n    --hash=sha256:00\nbeta==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
PIP = """
import sys, time
if "check" in sys.argv:
    print("alpha 1.0 requires gamma, which is not installed."); sys.exit({check})
assert sys.argv[1:4] == ["install", "--require-hashes", "--no-deps"], sys.argv
print("Ignoring beta: markers do not match", flush=True)
print("Collecting alpha==1.0", flush=True)
time.sleep({seconds})
print("ERROR: the index is away"); sys.exit({install})
"""


def install(folder: Path, *, install: int = 0, check: int = 0, seconds: float = 0.0) -> subprocess.CompletedProcess:
    (folder / "some.lock").write_text(LOCK)
    (folder / "pip.py").write_text(PIP.format(install=install, check=check, seconds=seconds))
    words = [sys.executable, "tools/install.py", folder / "some.lock", sys.executable, folder / "pip.py"]
    return subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_how_far_it_is_shows_every_few_seconds_without_a_terminal(tmp_path):
    done = install(tmp_path, seconds=3.5)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "  1 of 1 packages fetched, 3 s\n")


def test_a_failure_shows_the_installers_own_words(tmp_path):
    done = install(tmp_path, install=7)
    assert done.returncode == 7
    assert "ERROR: the index is away" in done.stderr


def test_a_lock_that_lacks_something_is_a_failure(tmp_path):
    done = install(tmp_path, check=1)
    assert done.returncode == 1
    assert "requires gamma" in done.stderr and "./lock.sh" in done.stderr
