"""What a database needs before it can be used: the schema; for the demo also its data and the static files."""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from config.embedded.places import CHECKOUT, data_folder


def schema_sources() -> Iterator[Path]:
    """The files that decide the schema: migrations, the models (policies come from them), row security, the lock."""
    yield from CHECKOUT.glob("*/migrations/*.py")
    yield from CHECKOUT.glob("*/models.py")
    yield from CHECKOUT.glob("*/models/*.py")
    yield from CHECKOUT.glob("organisations/*.py")
    yield CHECKOUT / "requirements.lock"


def schema_digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(schema_sources()):
        digest.update(str(path.relative_to(CHECKOUT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def schema(folder: Path | None) -> None:
    """Migrate, unless the files say that nothing changed since the last time that `folder` remembers."""
    remembered = folder / "schema" if folder else None
    digest = schema_digest()
    if remembered and remembered.exists() and remembered.read_text() == digest:
        return
    # Here, because a command whose schema is up to date must not wait for Django twice.
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    if remembered:
        remembered.write_text(digest)


def main() -> None:
    """Prepare the demo, in one process: Django's own start takes longer than most of the steps."""
    import django
    from django.core.management import call_command, get_commands

    django.setup()
    # Of a database that is not ours, other machines may have changed the schema.
    folder = data_folder() if "--embedded" in sys.argv else None
    _step("Schema", lambda: schema(folder))
    if "load_demo" in get_commands():
        _step("Demo data", lambda: call_command("load_demo"))
    _step("Static files", lambda: call_command("collectstatic", interactive=False, verbosity=0))


def _step(name: str, work: Callable[[], object]) -> None:
    begin = time.monotonic()
    print(f"  {name} …", flush=True)
    work()
    print(f"  {name}: {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
