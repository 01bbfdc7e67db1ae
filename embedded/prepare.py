"""What a database needs before it can be used: the schema; for the demo also its data and the static files.

What was done is remembered in the data folder as a digest of the files it was done from, so that nothing is done twice:
for a command the look takes a few milliseconds, and a second start of the demo needs no Django here at all.
"""

import hashlib
import io
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from embedded.places import CHECKOUT, data_folder

# What decides the schema: migrations, the models (row security is derived from them), and the versions of other apps.
SCHEMA = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "organisations/**/*.py", "requirements.lock")
DEMO = (*SCHEMA, "demo/**/*", "static/**/*")


EVERY = 2.0  # seconds between two lines about the same step
LOG_INS = "log-ins.json"


class Indented(io.TextIOBase):
    """The standard output, each line at once and set in."""

    def write(self, text: str) -> int:
        print(f"    {text}", end="", flush=True)
        return len(text)


def digest(patterns: tuple[str, ...], *more: str) -> str:
    answer = hashlib.sha256(" ".join(more).encode())
    for path in sorted({path for pattern in patterns for path in CHECKOUT.glob(pattern)}):
        if path.is_file() and path.suffix != ".pyc":
            answer.update(str(path.relative_to(CHECKOUT)).encode() + path.read_bytes())
    return answer.hexdigest()


def is_done(stamp: Path, made_from: str) -> bool:
    return stamp.exists() and stamp.read_text() == made_from


def schema(folder: Path | None) -> None:
    """Migrate the database that the environment names, unless `folder` remembers that it is up to date."""
    made_from = digest(SCHEMA)
    if folder and is_done(folder / "schema", made_from):
        return
    _migrate()
    if folder:
        (folder / "schema").write_text(made_from)


def demo_digest(*, empty: bool) -> str:
    """What the demo is prepared from; the month too, because its figures end with the last one."""
    return digest(DEMO, f"{date.today():%Y-%m}", "empty" if empty else "full")


def _migrate() -> None:
    # Here, because a command whose schema is up to date must not wait for this.
    import django
    from django.core.management import call_command
    from django.db.migrations.loader import MigrationLoader

    django.setup()

    from organisations.management.commands.migrate import Command

    total = len(MigrationLoader(None).disk_migrations)

    class Shown(Command):
        """Says how far it is every few seconds: on a busy machine this takes a minute."""

        said_at, done = time.monotonic(), 0

        def migration_progress_callback(self, action: str, migration: object = None, fake: bool = False) -> None:
            self.done += action == "apply_success"
            if time.monotonic() - self.said_at > EVERY:
                self.said_at = time.monotonic()
                print(f"    {self.done} of {total} migrations", file=sys.stderr, flush=True)

    call_command(Shown(), database="owner", verbosity=0, interactive=False)


def main(words: list[str]) -> None:
    """Prepare the demo, in one process: Django's own start takes longer than most of the steps."""
    import django
    from django.core.management import call_command

    # Of a database that is not ours, other machines may have changed the schema.
    folder = data_folder() if "--embedded" in words else None
    django.setup()
    # First what needs no database, which may still be starting.
    _step("Static files", lambda: call_command("collectstatic", interactive=False, verbosity=0))
    _wait_for_the_database()
    _step("Schema", lambda: schema(folder))
    if "--empty" not in words:
        _step("Demo data", lambda: call_command("load_demo", log_ins=data_folder() / LOG_INS, stdout=Indented()))


def _wait_for_the_database(seconds: float = 60) -> None:
    from django.db import OperationalError, connections

    until = time.monotonic() + seconds
    while True:
        try:
            connections["owner"].ensure_connection()
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _step(name: str, work: Callable[[], object]) -> None:
    begin = time.monotonic()
    print(f"  {name} …", flush=True)
    work()
    print(f"  {name}: {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
