"""`python tools/locks.py`: build an environment from each lock with the oldest pip that is supported, and try the newest.

The way is `./dev`'s own (tools/install.py). With the oldest pip each environment is really made: it must pass `pip check`, and Django must
find its settings sound in it. The newest fetches and compares every checksum, and stops there: that is where pips differ. What one
has fetched, the next takes from pip's cache.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-test.lock")
OLDEST, NEWEST = "pip==23.2.1", "pip"  # the first comes with Python 3.11, the second is what the index has today
QUIETLY = ("--disable-pip-version-check", "--no-input")


def build(lock: str, pip: Path, place: Path, *, install: bool) -> bool:
    """Whether this pip can make an environment from a lock, and the environment holds together."""
    venv.create(place, with_pip=False, symlinks=True)
    python = str(place / "bin" / "python")
    words = [python, str(CHECKOUT / "tools" / "install.py"), str(CHECKOUT / lock), python, str(pip), *QUIETLY]
    # Not compiled, because nearly nothing of it is run.
    environment = os.environ | ({"PIP_NO_COMPILE": "1"} if install else {"PIP_DRY_RUN": "1"})
    if subprocess.run(words, env=environment, check=False).returncode:
        return False
    return not install or subprocess.run([python, "manage.py", "check"], cwd=CHECKOUT, check=False).returncode == 0


def main() -> int:
    """Exit code 1 where one of the four attempts failed."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="plumbline-locks-") as scratch:
        for number, wanted in enumerate((OLDEST, NEWEST)):
            tools = Path(scratch, f"pip-{number}")
            fetch = [sys.executable, "-m", "pip", *QUIETLY, "install", "--quiet", "--no-deps", "--target", str(tools)]
            subprocess.run([*fetch, wanted], check=True)
            for lock in LOCKS:
                print(f"{lock} with {wanted}", flush=True)
                if not build(lock, tools / "pip", Path(scratch, f"{number}-{lock}"), install=wanted == OLDEST):
                    failed.append(f"{lock} with {wanted}")
    print(f"Failed: {', '.join(failed)}" if failed else "Both locks install.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
