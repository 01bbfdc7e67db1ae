"""`./dev bench [words] [--slots N] [--rounds N]`: run the measurements whose name contains a word; all of them without.

They run on servers of their own, started for it and thrown away, with the settings of the demo. Figures are for the machine and the load
of the moment: compare the two sides of a line, not lines of different days.
"""

import argparse
import importlib
import os
import shutil
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

from embedded.pair import Pair

MEASUREMENTS = ("judging", "replaying")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("words", nargs="*", help=f"of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--slots", type=int, default=1_000_000, help="slots of the large organisation")
    parser.add_argument("--rounds", type=int, default=3, help="alternating runs, of which the median counts")
    options = parser.parse_args()
    chosen = [name for name in MEASUREMENTS if not options.words or any(word in name for word in options.words)]
    folder = Path(tempfile.mkdtemp(prefix="plumbline-bench-"))
    folder.chmod(0o711)  # the account that runs the servers, where root runs this, must be able to pass through
    pair = Pair(folder)
    pair.start(ends_with_us=True)
    try:
        os.environ.update(pair.environment(), DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="WARNING")
        django.setup()
        call_command("migrate", verbosity=0)
        for name in chosen:
            importlib.import_module(f"bench.{name}").main(options)
    finally:
        pair.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
