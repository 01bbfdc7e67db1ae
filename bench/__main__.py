"""`./dev bench [words] [--slots N] [--rounds N]`: run the measurements whose name contains a word; all of them without.

Each runs on servers of its own: started for it and thrown away, or, for those whose world takes minutes to make, kept in the bench's data
folder. The settings are those of the demo. Figures are for the machine and the load of the moment: compare the two sides of a line, not
lines of different days.
"""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from embedded.pair import Pair
from embedded.places import data_folder

MEASUREMENTS = ("judging", "replaying", "impact", "bulk", "tick", "autosave", "pages", "pulse")
KEPT = {"pages": "pages", "pulse": "pages"}  # in whose world


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("words", nargs="*", help=f"of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--slots", type=int, default=1_000_000, help="slots of the large organisation")
    parser.add_argument("--rounds", type=int, default=3, help="alternating runs, of which the median counts")
    parser.add_argument("--organisations", type=int, default=1000, help="tick: how many are quiet")
    parser.add_argument("--small", action="store_true", help="pages, pulse: in a tenth of the world")
    parser.add_argument(
        "--processor", action="store_true", help="pages: processor time in place of the clock's (Linux)"
    )
    parser.add_argument("--requests", type=int, default=40, help="pages: how often each is asked for")
    parser.add_argument("--only", default="", help="pages: those whose name contains one of these words, with commas")
    options = parser.parse_args()
    chosen = [name for name in MEASUREMENTS if not options.words or any(word in name for word in options.words)]
    if len(chosen) == 1:
        measure(chosen[0], options)
        return 0
    # One process for each: a process knows one database.
    rest = [word for word in sys.argv[1:] if word not in options.words]
    return max((subprocess.run([sys.executable, "-m", "bench", name, *rest]).returncode for name in chosen), default=0)


def measure(name: str, options: argparse.Namespace) -> None:
    world = KEPT.get(name, "")
    place = kept(f"{world}-small" if options.small else world) if world else thrown_away()
    with place as folder:
        pair = Pair(folder)
        pair.start(ends_with_us=True)
        try:
            os.environ.update(pair.environment(), DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="WARNING")
            os.environ["BENCH_FOLDER"] = str(folder)
            django.setup()
            call_command("migrate", verbosity=0)
            importlib.import_module(f"bench.{name}").main(options)
        finally:
            pair.stop()


@contextmanager
def thrown_away() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="plumbline-bench-"))
    folder.chmod(0o711)  # the account that runs the servers, where root runs this, must be able to pass through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept(name: str) -> Iterator[Path]:
    folder = data_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


if __name__ == "__main__":
    sys.exit(main())
