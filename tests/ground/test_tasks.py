"""The task runner, the locks and the check."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

from embedded.places import CHECKOUT
from tools import check

LOCKS = ("requirements.lock", "requirements-test.lock")


def dev(*words, **environment):
    return subprocess.run(
        ["./dev", *words], cwd=CHECKOUT, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_help_names_every_task():
    script = (CHECKOUT / "dev").read_text()
    tasks = set(re.findall(r"^([a-z |]+)\)$", script, re.MULTILINE))
    named = {word for line in tasks for word in line.split(" | ")} - {"help"}
    text = dev("help").stdout
    assert named == set(re.findall(r"^\./dev (\w+)", text, re.MULTILINE)) - {"help"} | set()


def test_an_unknown_task_is_refused_with_the_list():
    done = dev("demonstrate")
    assert done.returncode == 2
    assert "./dev demo" in done.stderr


def test_without_a_fitting_python_it_says_what_to_install(tmp_path):
    """In a copy of the script with nothing beside it and nothing but a too old Python on the path."""
    (tmp_path / "dev").write_text((CHECKOUT / "dev").read_text())
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"python3": "exit 1", "cat": "exit 1", "dirname": "echo .", "cksum": "exit 1"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "./dev", "demo"],
        cwd=tmp_path,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "apt install python3" in done.stderr


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_checksums_and_no_address(name):
    text = (CHECKOUT / name).read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) > 30
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def names(lines):
    return {re.match(r"[\w.-]+", line).group().lower().replace("_", "-") for line in lines}


def test_the_locks_hold_what_the_project_asks_for_and_the_second_holds_the_first():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    locked = [names(re.findall(r"^\S+==.*$", (CHECKOUT / name).read_text(), re.MULTILINE)) for name in LOCKS]
    extras = project["optional-dependencies"]
    assert names(project["dependencies"]) | names(extras["embedded"]) <= locked[0]
    assert names(extras["test"]) <= locked[1]
    assert locked[0] <= locked[1]


def test_a_check_that_fails_is_named_at_the_end_and_the_others_still_run(monkeypatch, capfd):
    good, bad = [sys.executable, "-c", "print('ran')"], [sys.executable, "-c", "raise SystemExit(3)"]
    monkeypatch.setattr(check, "steps", lambda scratch: {"one": (bad, {}), "two": (good, {})})
    assert check.main([]) == 1
    printed = capfd.readouterr().out
    assert "one: FAILED (3)" in printed
    assert "ran" in printed
    assert printed.endswith("Failed: one\n")
    assert check.main(["two"]) == 0
    assert check.main(["three"]) == 2
